//! Chinese numerals: 三千, 七万五千, 一万零五十, also written 壹 and 贰.

use super::super::digits::Glyph;
use super::Spelled;

#[derive(Clone, Copy)]
enum Sign {
    Digit(u64),
    Unit(u64),
    Myriad(u64),
}

fn sign(c: char) -> Option<Sign> {
    Some(match c {
        '零' | '〇' => Sign::Digit(0),
        '两' | '兩' | '贰' | '貳' => Sign::Digit(2),
        '壹' => Sign::Digit(1),
        '叁' | '參' => Sign::Digit(3),
        '十' | '拾' => Sign::Unit(10),
        '百' | '佰' => Sign::Unit(100),
        '千' | '仟' => Sign::Unit(1_000),
        '万' | '萬' => Sign::Myriad(10_000),
        '亿' | '億' => Sign::Myriad(100_000_000),
        c => Sign::Digit("一二三四五六七八九".chars().position(|d| d == c)? as u64 + 1),
    })
}

/// Runs of numerals, not after 第 ("the third") and not where a unit follows digits (3千).
pub(super) fn all(glyphs: &[Glyph]) -> Vec<Spelled> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < glyphs.len() {
        let run: Vec<Sign> = glyphs[i..].iter().map_while(|g| sign(g.c)).take(64).collect();
        let before = i.checked_sub(1).map(|p| glyphs[p].c);
        let after = glyphs.get(i + run.len()).map(|g| g.c);
        let is_name = before.is_some_and(|c| {
            c == '第' || c.is_ascii_digit() || "唯统万进某同之其这那每另哪星期周礼拜".contains(c)
        }) || after.is_some_and(|c| "些般直样定起共切旦边面半".contains(c)) && run.len() == 1;
        // Half of what is meant stands after it.
        let is_part = after == Some('分') && glyphs.get(i + run.len() + 1).is_some_and(|g| g.c == '之');
        if !run.is_empty()
            && !is_name
            && let Some(value) = value_of(&run)
        {
            out.push(Spelled { value: (!is_part).then_some(value), start: i, end: i + run.len() });
        }
        i += run.len().max(1);
    }
    out
}

fn value_of(run: &[Sign]) -> Option<u64> {
    if !run.iter().any(|sign| !matches!(sign, Sign::Digit(_))) {
        // 二〇二四 is read digit by digit; 一二 is a list.
        let is_year = run.len() == 4;
        return match run {
            [Sign::Digit(value)] => Some(*value),
            _ if is_year => run.iter().try_fold(0_u64, |sum, sign| match sign {
                Sign::Digit(value) => Some(sum * 10 + value),
                _ => None,
            }),
            _ => None,
        };
    }
    let (mut total, mut group, mut digit) = (0_u64, 0_u64, None);
    let mut last_unit = 1;
    for (i, sign) in run.iter().enumerate() {
        match *sign {
            Sign::Digit(0) => (digit, last_unit) = (None, 1),
            Sign::Digit(value) => {
                if digit.is_some() {
                    return None;
                }
                digit = Some(value);
            }
            Sign::Unit(unit) => {
                group += digit.take().unwrap_or(1) * unit;
                last_unit = unit;
            }
            Sign::Myriad(unit) => {
                if i == 0 {
                    return None;
                }
                group += digit.take().unwrap_or(0);
                // 一亿 after 万 multiplies all of it.
                total = if unit == 10_000 { total + group * unit } else { (total + group) * unit };
                (group, last_unit) = (0, unit);
            }
        }
    }
    // 两千三 is 2300: the last digit counts the next lower unit.
    let tail = digit.unwrap_or(0) * if last_unit >= 100 { last_unit / 10 } else { 1 };
    Some(total + group + tail)
}
