//! Finds where a text checks its own result. Numbers in a check are about the answer; they are not another one.

use std::sync::LazyLock;

use super::lexicon::{Kind, Mark};
use super::page::Page;
use super::word_set::WordSet;
use super::words::{is_colon, is_letter};

impl Page<'_> {
    /// Where a range ends if a check of its result, or a note on it, is left out.
    pub(super) fn without_check(&self, (from, to): (usize, usize)) -> usize {
        let heading = self.check_heading((from, to)).unwrap_or(to);
        let sentence = self.check_sentence((from, heading)).unwrap_or(heading);
        // After "Check: … Wait, that is wrong: …" the result is another one.
        let is_taken_back = |at| {
            let mut marks = self.marks_in(Kind::Retract, (at, to));
            marks.any(|mark| self.opens_sentence(mark.start) && !self.numbers_in((mark.end, to)).is_empty())
        };
        if sentence < to && is_taken_back(sentence) { to } else { sentence }
    }

    /// Whether a word for "answer" belongs to a check: "Check the answer:", "Answer check:", or a compound of the two.
    pub(super) fn is_of_check(&self, mark: &Mark, head: Option<usize>) -> bool {
        let start = self.sentences.get(self.sentence_at(mark.start)).map_or(0, |s| s.0);
        let start = start.max(mark.start.saturating_sub(MAX_HEADING));
        let is_part =
            self.marks_in(Kind::Check, (start, self.glyphs.len().min(mark.end + MAX_HEADING))).any(|check| {
                check.start <= mark.start
                    && check.end >= mark.end
                    && check.end - check.start > mark.end - mark.start
            });
        let Some(head) = head else { return is_part };
        let is_after = self.marks_in(Kind::Check, (start, mark.start)).any(|check| {
            let gap = &self.glyphs[check.end..mark.start];
            self.opens_sentence(check.start)
                && !gap.iter().any(|g| is_colon(g.c) || matches!(g.c, '\n' | ','))
        });
        let is_before = self
            .marks_in(Kind::Check, (mark.end, head))
            .any(|check| self.text((mark.end, check.start)).trim().is_empty());
        is_part || is_after || is_before
    }

    /// A heading such as "Check:" or "Explanation:" after a number that may be the result.
    fn check_heading(&self, (from, to): (usize, usize)) -> Option<usize> {
        let mut marks = self.marks_in(Kind::Check, (from, to));
        let heading = marks.find(|mark| {
            // "Let's check how many: 9 × 8 = 72" is a check only where something was worked out before.
            let is_bare =
                |start: usize| !self.glyphs[start.min(mark.start)..mark.start].iter().any(|g| is_letter(g.c));
            let start = self.sentences.get(self.sentence_at(mark.start)).map_or(from, |s| s.0);
            let is_heading = self.opens_line(mark.start)
                || self.opens_sentence(mark.start) && (is_bare(start) || self.is_concluded((from, start)));
            let mut line = self.glyphs[mark.end..to].iter().take(24).take_while(|g| g.c != '\n');
            let has_colon =
                line.any(|g| is_colon(g.c)) || self.glyphs.get(mark.end).is_none_or(|g| g.c == '\n');
            is_heading && has_colon && self.has_result((from, mark.start))
        })?;
        Some(heading.start)
    }

    /// A sentence that begins with "let us check" or the like, after a calculation with a result or a conclusion.
    fn check_sentence(&self, (from, to): (usize, usize)) -> Option<usize> {
        static WORDS: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(CHECKING));
        let check = |&(start, _): &(usize, usize)| {
            let letter = start + self.glyphs[start..].iter().take(8).position(|g| g.c.is_alphabetic())?;
            Some((start, letter + WORDS.at_start(&self.glyphs[letter..])?))
        };
        let checks = self.checks.get_or_init(|| self.sentences.iter().filter_map(check).collect());
        let first = checks.partition_point(|check| check.0 <= from);
        let checks = checks[first..].iter().take_while(|check| check.0 < to).filter(|check| check.1 <= to);
        let mut starts = checks.map(|check| check.0).take(MAX_CHECKS);
        starts.find(|&start| self.is_concluded((from, start)))
    }

    fn is_concluded(&self, range: (usize, usize)) -> bool {
        let numbers = self.numbers_in(range);
        let so = self.marks_in(Kind::So, range).next();
        let has_conclusion = so.is_some_and(|so| self.has_result((so.end, range.1)));
        self.has_result(range)
            && (has_conclusion || self.calculations.has_equality(numbers.start, numbers.end))
    }
}

/// Longest heading of a check, in characters.
const MAX_HEADING: usize = 40;

/// Most sentences that are looked at, so that a text of nothing but checks stays linear.
const MAX_CHECKS: usize = 16;

/// How sentences that check a result begin.
const CHECKING: &str = "let's check|let us check|let's verify|let us verify|let me check|let me verify|let's double|let me double|to check|\
    to verify|to double|we can check|we can verify|we check|we verify|you can check|you can verify|checking|verifying|double-check|\
    zur probe|zur kontrolle|zur überprüfung|die probe|machen wir die probe|wir prüfen|überprüfen wir|prüfen wir|\
    ter controle|we controleren|laten we controleren|för att kontrollera|vi kontrollerar|vi kan kontrollera|for at kontrollere|\
    vi kontrollerer|vi kan kontrollere|for å sjekke|la oss sjekke|pour vérifier|vérifions|on vérifie|on peut vérifier|\
    nous pouvons vérifier|para comprobar|comprobemos|comprobamos|para verificar|verifiquemos|verificamos|podemos comprobar|\
    podemos verificar|podem comprovar|vamos verificar|vamos conferir|verifichiamo|per verificare|possiamo verificare|să verificăm|\
    verificăm|pentru a verifica|για να ελέγξουμε|ας ελέγξουμε|ελέγχουμε|проверим|проверяем|давайте проверим|для проверки|можно проверить|\
    перевіримо|перевіряємо|давайте перевіримо|для перевірки|да проверим|проверяваме|проверимо|provjerimo|preverimo|sprawdźmy|sprawdzamy|\
    aby sprawdzić|możemy sprawdzić|ověříme|ověřme|zkontrolujme|overme|skontrolujme|patikrinkime|pārbaudīsim|tarkistetaan|\
    tarkistamme|kontrollime|ellenőrizzük|kontrol edelim|kontrol etmek|doğrulayalım|sağlamasını|yoxlayaq|tekshiramiz|tekshirib|\
    тексерейік|للتحقق|لنتحقق|دعنا نتحقق|يمكننا التحقق|للتأكد|برای بررسی|بررسی می|بیایید بررسی|آئیے جانچ|جانچ کے لیے|נבדוק|כדי לבדוק|\
    आइए जाँच|आइए जांच|जाँच करें|जांच करें|जाँच करने|चला तपास|যাচাই করি|যাচাই করে|আসুন যাচাই|சரிபார்ப்போம்|సరిచూద్దాం|తనిఖీ చేద్దాం|ಪರಿಶೀಲಿಸೋಣ|\
    പരിശോധിക്കാം|验证一下|我们来验证|我们验证|检查一下|我们检查|驗證一下|我們驗證|验算一下|代入检验|確認する|確認して|確かめ|検算す|検算し|확인해|검산해|검증해|\
    kiểm tra lại|hãy kiểm tra|ta kiểm tra|để kiểm tra|ตรวจสอบโดย|ลองตรวจ|mari kita periksa|mari kita cek|untuk memeriksa|\
    untuk memastikan|mari kita semak|suriin natin|upang suriin|tuangalie|hebu tuhakiki|kuhakikisha|hebu tuangalie|mu duba|ka anyị lelee|\
    jẹ́ ká yẹ̀ ẹ́ wò|aan hubinno|ake sihlole|შევამოწმოთ|ստուգենք";
