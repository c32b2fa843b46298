//! The session as a file: read(write(s)) == s, bit for bit, and every problem names its field.

use super::Session;
use super::problem::DataError;
use super::session_reader::SessionReader;
use super::session_writer::SessionWriter;

/// Writes a session as JSON.
///
/// # Errors
/// [`DataError::Fields`] if a number is not finite: JSON has no NaN, and the file would not open again.
pub fn write_session(session: &Session) -> Result<String, DataError> {
    let (mut writer, mut text) = (SessionWriter::default(), Vec::new());
    while let Some(piece) = writer.piece(session)? {
        text.extend(piece);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Reads a session from JSON and checks that its parts fit together.
///
/// # Errors
/// Not JSON, another schema, or a list of field problems, each with what to do.
pub fn read_session(json: &str) -> Result<Session, DataError> {
    let mut reader = SessionReader::default();
    reader.push(json.as_bytes());
    while reader.step()? {}
    reader.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::test_session::sample;

    fn field_problems(session: &Session) -> Vec<String> {
        match read_session(&serde_json::to_string(session).unwrap()) {
            Err(DataError::Fields { problems }) => problems.into_iter().map(|p| p.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reopens_exactly() {
        let session = sample();
        let written = write_session(&session).unwrap();
        assert_eq!(read_session(&written).unwrap(), session);
        assert_eq!(read_session(&format!("\u{feff}{written}")).unwrap(), session);
        assert_eq!(write_session(&read_session(&written).unwrap()).unwrap(), written);
    }

    #[test]
    fn names_follow_the_contract() {
        let json: serde_json::Value = serde_json::from_str(&write_session(&sample()).unwrap()).unwrap();
        assert_eq!(json["schema"], "concord-session/1");
        for (pointer, wanted) in [
            ("/config/minMargin", true),
            ("/config/languageGate", true),
            ("/responses/0/promptId", true),
            ("/responses/0/finishReason", true),
            ("/responses/0/detectedLanguage", true),
            ("/references/0/voteShare", true),
            ("/pairs/0/scores", true),
            ("/events/0/shown_order", true),
            ("/prompts/1/answer", false),
        ] {
            assert_eq!(json.pointer(pointer).is_some(), wanted, "{pointer}");
        }
        assert_eq!(json["config"]["method"], "cm-align");
        assert_eq!(json["responses"][0]["finishReason"], "stop");
    }

    #[test]
    fn a_file_that_is_no_session_is_told_apart() {
        for (text, wanted) in [
            ("", "not complete JSON"),
            ("{\"schema\": \"concord-session/1\",", "not complete JSON"),
            ("[1]", "no schema tag"),
            ("{}", "no schema tag"),
            ("{\"schema\": \"other\"}", "not a Concord session"),
            ("{\"schema\": \"concord-session/1\"}", "missing field"),
        ] {
            let message = read_session(text).unwrap_err().to_string();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let written = write_session(&sample()).unwrap();
        for (from, to, path) in [
            ("\"stop\"", "\"stopped\"", "responses[0].finishReason"),
            ("\"cm-align\"", "\"magic\"", "config.method"),
            ("\"temperature\":0.9", "\"temperature\":\"hot\"", "config.temperature"),
            ("\"sample\":1,", "\"sample\":-1,", "responses[1].sample"),
        ] {
            assert!(written.contains(from), "{from}");
            let message = read_session(&written.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(path), "{path}: {message}");
        }
    }

    #[test]
    fn a_session_is_checked_whole_when_it_is_read() {
        let mut session = sample();
        session.config.n = u32::MAX;
        session.responses[1].prompt_id = "x".into();
        session.similarities.clear();
        assert_eq!(field_problems(&session)[..2], ["config.n", "responses[1].promptId"]);
        // JSON knows no bound for numbers, and no f32 can hold this one.
        let text = write_session(&sample()).unwrap().replacen("\"logprob\":-0.1", "\"logprob\":-1e39", 1);
        let message = read_session(&text).unwrap_err().to_string();
        assert!(message.contains("responses[0].logprob: number out of range"), "{message}");
    }

    #[test]
    fn a_session_of_a_newer_version_is_named() {
        let written = write_session(&sample()).unwrap();
        let newer = |schema: &str, app: &str| {
            let text = written.replace("concord-session/1", schema).replace("0.1.0", app);
            read_session(&text).unwrap_err().to_string()
        };
        let said = newer("concord-session/2", "0.4.1");
        assert!(
            said.contains("a newer Concord 0.4.1 (it is concord-session/2") && said.contains("reload"),
            "{said}"
        );
        // What else it holds may look like anything.
        for (text, wanted) in [
            (
                r#"{"schema":"concord-session/12","config":[],"app":{"version":"2.0.0"},"#,
                "Concord 2.0.0 (it is concord-session/12",
            ),
            (
                r#"{"schema":"concord-session/3","responses":[7],"app":{"version":"2.0.0"}}"#,
                "a newer Concord (it is concord-session/3",
            ),
            (r#"{"schema":"concord-session/2","app":"x"}"#, "a newer Concord (it is concord-session/2"),
            (r#"{"schema":"concord-session/2"}"#, "a newer Concord (it is concord-session/2"),
            (r#"{"schema":"concord-session/0"}"#, "not a Concord session"),
            (r#"{"schema":"concord-session/99999999999"}"#, "not a Concord session"),
        ] {
            let said = read_session(text).unwrap_err().to_string();
            assert!(said.contains(wanted), "{text}: {said}");
        }
    }

    #[test]
    fn a_session_of_the_first_version_opens() {
        let text = include_str!("session_0_1.json");
        let session = read_session(text).unwrap();
        assert_eq!(
            (session.app.version.as_str(), session.config.n, session.responses.len()),
            ("0.1.0", 2, 9)
        );
        assert_eq!((session.events.len(), session.measurements.own.len()), (3, 1));
        assert_eq!(read_session(&write_session(&session).unwrap()).unwrap(), session);
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_refused_on_writing() {
        type Change = fn(&mut Session);
        let cases: [(Change, &str); 4] = [
            (|s| s.responses[1].logprob = Some(f32::NAN), "responses[1].logprob"),
            (|s| s.similarities[0].cosine[0] = f32::INFINITY, "similarities[0].cosine"),
            (|s| s.config.top_p = f32::NAN, "config.topP"),
            (|s| s.pairs[1].margin = Some(f32::NAN), "pairs[1]"),
        ];
        for (change, field) in cases {
            let mut session = sample();
            change(&mut session);
            let message = write_session(&session).unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }

    #[test]
    fn a_session_that_was_saved_with_other_spellings_opens() {
        let saved =
            write_session(&sample()).unwrap().replace("\"ar\"", "\"arb_Arab\"").replace("\"en\"", "\"EN\"");
        assert!(saved.contains("arb_Arab"));
        assert_eq!(read_session(&saved).unwrap(), sample());
    }

    proptest! {
        #[test]
        fn every_finite_float_and_every_text_reopens_bit_for_bit(bits in any::<u32>(), text in "\\PC{0,40}") {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let mut session = sample();
            session.pairs[1].scores[0] = value;
            session.responses[0].text = format!("{text}\u{2028}\u{85}\0");
            let back = read_session(&write_session(&session).unwrap()).unwrap();
            prop_assert_eq!(back.pairs[1].scores[0].to_bits(), bits);
            prop_assert_eq!(&back.responses[0].text, &session.responses[0].text);
        }
    }
}
