//! Answers of a session whose texts held reasoning when it was opened.

use super::answer::{extract_answer, find_answer};
use crate::data::{Response, Session};

/// Reads the answer that went when reasoning was taken out of a text ([`Response::separate_reasoning`]) from what is left of it.
pub fn read_answer(response: &mut Response) {
    if response.answer.is_none() && response.reasoning.is_some() {
        response.answer = extract_answer(&response.text, &response.language);
    }
}

/// Reads the answer of a response that came from a file, and what else it could be.
pub fn find_answer_of(response: &mut Response) {
    let found = find_answer(&response.text, &response.language);
    let (answer, ambiguous) = found.map(|found| (found.value, found.ambiguous)).unzip();
    (response.answer, response.ambiguous) = (answer, ambiguous.unwrap_or_default());
}

/// Takes reasoning out of all texts of a session and reads their answers again; says how many held some. The references and
/// pairs are those that were picked before.
pub fn separate_reasoning(session: &mut Session) -> usize {
    let n = session.responses.iter_mut().map(|response| usize::from(response.separate_reasoning())).sum();
    session.responses.iter_mut().for_each(read_answer);
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_session::sample;

    #[test]
    fn an_answer_is_read_of_the_response_alone() {
        let mut session = sample();
        session.responses[0].text = "<think>It is 999.</think>So the answer is 3".into();
        session.responses[0].answer = Some("999".into());
        session.responses[1].text = "<think>It is 999.".into();
        session.responses[1].answer = Some("999".into());
        assert_eq!(separate_reasoning(&mut session), 2);
        let answers: Vec<_> = session.responses.iter().map(|r| r.answer.as_deref()).collect();
        assert_eq!(answers[..2], [Some("3"), None]);
        assert_eq!(
            answers[2..],
            sample().responses[2..].iter().map(|r| r.answer.as_deref()).collect::<Vec<_>>()
        );
        assert_eq!(separate_reasoning(&mut session), 0);
    }
}
