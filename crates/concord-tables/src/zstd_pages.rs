//! The pages of a Parquet column that is compressed with zstd, unpacked in Rust.
//!
//! A page is a header in Thrift's compact protocol and its bytes. Of the header only what a page needs is read:
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use std::io::Read;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;

use crate::MOST_BYTES;

/// Kinds of pages.
const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_2: i64 = 3;
/// Structs in structs that are passed over.
const MOST_DEPTH: usize = 16;

fn bad(what: &str) -> ParquetError {
    ParquetError::General(format!("a page {what}"))
}

/// The pages that are left of a column chunk.
pub(crate) struct ZstdPages {
    left: Bytes,
    n_values_left: i64,
}

impl ZstdPages {
    /// Takes the bytes of the chunk into memory, where the file is not there already.
    pub(crate) fn of(file: &impl ChunkReader, column: &ColumnChunkMetaData) -> Result<Self> {
        let (start, n_bytes) = column.byte_range();
        let length = usize::try_from(n_bytes).map_err(|_large| bad("is longer than the file"))?;
        if start.checked_add(n_bytes).is_none_or(|end| end > file.len()) {
            return Err(bad("is longer than the file"));
        }
        Ok(Self { left: file.get_bytes(start, length)?, n_values_left: column.num_values() })
    }
}

impl Iterator for ZstdPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl ZstdPages {
    /// The next page that has values: its header, and its bytes as they are packed.
    fn next_packed(&mut self) -> Result<Option<(Header, Bytes)>> {
        while self.n_values_left > 0 {
            if self.left.is_empty() {
                return Err(bad("is missing"));
            }
            let mut reader = Thrift { bytes: &self.left, at: 0 };
            let header = reader.header()?;
            let from = reader.at;
            let end = from.checked_add(header.packed).filter(|end| *end <= self.left.len());
            let end = end.ok_or_else(|| bad("is longer than its column"))?;
            let packed = self.left.slice(from..end);
            self.left = self.left.slice(end..);
            if header.kind != DICTIONARY && header.has_values() {
                self.n_values_left -= i64::from(header.field(1)?);
            }
            if header.has_values() {
                return Ok(Some((header, packed)));
            }
        }
        Ok(None)
    }
}

impl PageReader for ZstdPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.next_packed()?.map(|(header, packed)| header.page(&packed)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let mut ahead = Self { left: self.left.clone(), n_values_left: self.n_values_left };
        let Some((header, _)) = ahead.next_packed()? else { return Ok(None) };
        let number = |at| header.field(at).ok().map(|n| n as usize);
        let (is_dict, is_second) = (header.kind == DICTIONARY, header.kind == DATA_2);
        Ok(Some(PageMetadata {
            num_rows: number(3).filter(|_| is_second),
            num_levels: number(1).filter(|_| !is_dict),
            is_dict,
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.next_packed().map(drop)
    }
}

/// What a page header says.
#[derive(Debug, Default)]
struct Header {
    kind: i64,
    unpacked: usize,
    packed: usize,
    /// The fields of the header of its kind, by their numbers; a flag is 0 or 1.
    fields: [Option<i64>; 9],
}

impl Header {
    fn field(&self, at: usize) -> Result<u32> {
        self.fields[at]
            .and_then(|value| u32::try_from(value).ok())
            .ok_or_else(|| bad("has no complete header"))
    }

    fn has_values(&self) -> bool {
        matches!(self.kind, DATA | DICTIONARY | DATA_2)
    }

    fn page(&self, packed: &Bytes) -> Result<Page> {
        let encoding = |at: usize| encoding(self.field(at)?);
        Ok(match self.kind {
            DATA => Page::DataPage {
                buf: unpack(packed, self.unpacked)?,
                num_values: self.field(1)?,
                encoding: encoding(2)?,
                def_level_encoding: encoding(3)?,
                rep_level_encoding: encoding(4)?,
                statistics: None,
            },
            DICTIONARY => Page::DictionaryPage {
                buf: unpack(packed, self.unpacked)?,
                num_values: self.field(1)?,
                encoding: encoding(2)?,
                is_sorted: self.fields[3] == Some(1),
            },
            _ => {
                let (def, rep) = (self.field(5)?, self.field(6)?);
                // The levels stand before the values and are never compressed.
                let levels = (def as usize).checked_add(rep as usize).filter(|n| *n <= packed.len());
                let levels = levels.ok_or_else(|| bad("has levels that are longer than itself"))?;
                let is_packed = self.fields[7] != Some(0) && levels < packed.len();
                let buf = if is_packed {
                    let wanted = self.unpacked.checked_sub(levels).ok_or_else(|| bad("has a wrong size"))?;
                    let mut all = packed[..levels].to_vec();
                    all.extend_from_slice(&unpack(&packed.slice(levels..), wanted)?);
                    Bytes::from(all)
                } else {
                    packed.clone()
                };
                Page::DataPageV2 {
                    buf,
                    num_values: self.field(1)?,
                    num_nulls: self.field(2)?,
                    num_rows: self.field(3)?,
                    encoding: encoding(4)?,
                    def_levels_byte_len: def,
                    rep_levels_byte_len: rep,
                    is_compressed: is_packed,
                    statistics: None,
                }
            }
        })
    }
}

fn encoding(number: u32) -> Result<Encoding> {
    Ok(match number {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(bad("has an encoding that is not known")),
    })
}

fn unpack(packed: &[u8], wanted: usize) -> Result<Bytes> {
    if wanted as u64 > MOST_BYTES {
        return Err(bad("is too large"));
    }
    let mut out = Vec::new();
    if wanted > 0 {
        let decoder = ruzstd::decoding::StreamingDecoder::new(packed).map_err(|_error| bad("is not zstd"))?;
        // One byte more than it should have, so that a longer one is found out.
        decoder.take(wanted as u64 + 1).read_to_end(&mut out).map_err(|_error| bad("is damaged"))?;
    }
    if out.len() == wanted { Ok(out.into()) } else { Err(bad("has a wrong size")) }
}

/// Reads Thrift's compact protocol.
struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Thrift<'_> {
    fn byte(&mut self) -> Result<u8> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(|| bad("has no complete header"))?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(bad("has a number that is too long"))
    }

    fn zigzag(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Number and type of the next field; `None` at the end of the struct.
    fn field(&mut self, last: &mut i64) -> Result<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        *last = match byte >> 4 {
            0 => self.zigzag()?,
            delta => *last + i64::from(delta),
        };
        Ok(Some(byte & 0x0f))
    }

    fn header(&mut self) -> Result<Header> {
        let (mut header, mut id) = (Header { kind: -1, ..Header::default() }, 0);
        while let Some(kind) = self.field(&mut id)? {
            let size = |value: i64| usize::try_from(value).map_err(|_negative| bad("has a wrong size"));
            match (id, kind) {
                (1, 5) => header.kind = self.zigzag()?,
                (2, 5) => header.unpacked = size(self.zigzag()?)?,
                (3, 5) => header.packed = size(self.zigzag()?)?,
                (5 | 7 | 8, 12) => header.fields = self.numbers()?,
                _ => self.skip(kind, 0)?,
            }
        }
        Ok(header)
    }

    /// The numbers and flags of a struct, by the numbers of their fields.
    fn numbers(&mut self) -> Result<[Option<i64>; 9]> {
        let (mut fields, mut id) = ([None; 9], 0);
        while let Some(kind) = self.field(&mut id)? {
            let value = match kind {
                1 => 1,
                2 => 0,
                4..=6 => self.zigzag()?,
                _ => {
                    self.skip(kind, 0)?;
                    continue;
                }
            };
            if let Some(field) = usize::try_from(id).ok().and_then(|id| fields.get_mut(id)) {
                *field = Some(value);
            }
        }
        Ok(fields)
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<()> {
        if depth > MOST_DEPTH {
            return Err(bad("has a header that is too deep"));
        }
        match kind {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.varint()?),
            7 => self.pass(8)?,
            8 => {
                let length = usize::try_from(self.varint()?).map_err(|_large| bad("has a wrong size"))?;
                self.pass(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let n = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                for _ in 0..n {
                    // In a list a flag has a byte of its own.
                    self.skip(if byte & 0x0f <= 2 { 3 } else { byte & 0x0f }, depth + 1)?;
                }
            }
            12 => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return Err(bad("has a header that is not known")),
        }
        Ok(())
    }

    fn pass(&mut self, n: usize) -> Result<()> {
        self.at =
            self.at.checked_add(n).filter(|at| *at <= self.bytes.len()).ok_or_else(|| bad("ends early"))?;
        Ok(())
    }
}
