//! Decimal digits of every script (Unicode general category Nd).
//!
//! Digits come in runs of ten code points, zero first, so a table of zeros is enough (Unicode 16).

/// The value of a decimal digit of any script.
pub fn digit_value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let idx = ZEROS.partition_point(|&zero| zero <= u32::from(c)).checked_sub(1)?;
    let value = u32::from(c) - ZEROS[idx];
    (value < 10).then_some(value)
}

/// The code points of digit zero, ascending.
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da,
    0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0,
    0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0,
    0x1e5f1, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_ascend_and_do_not_overlap() {
        assert!(ZEROS.windows(2).all(|pair| pair[0] + 10 <= pair[1]));
        for zero in ZEROS {
            for value in 0..10 {
                let c = char::from_u32(zero + value).unwrap();
                assert_eq!(digit_value(c), Some(value), "{c}");
            }
        }
    }

    #[test]
    fn every_digit_is_numeric_and_neighbours_are_no_digits() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            if let Some(value) = digit_value(c) {
                assert!(value < 10 && c.is_numeric(), "{c:?}");
            }
        }
        for c in ['½', '²', 'Ⅻ', '十', '①', '௰', '٫'] {
            assert_eq!(digit_value(c), None, "{c}");
        }
    }
}
