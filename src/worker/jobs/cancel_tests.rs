//! `embed` and `score`, stopped by the page: between any two steps, with nothing left behind.

use crate::{
    protocol::{Answer, EmbedRequest, FaultCode, Input, ModelRequest, Role},
    worker::{
        encoder_tests::{WHOLE, load_encoder},
        machine::Machine,
        testing::{TestHost, loaded, run},
    },
};

/// Texts of more tokens than a batch of the generator takes, and more of them than one of the encoder.
fn embed(role: Role) -> ModelRequest {
    let texts = (0..24).map(|text: u32| format!("{text} ab ba ab ba ab ba ab ba ab ba")).collect();
    ModelRequest::Embed(EmbedRequest { texts, role: Some(role), ..EmbedRequest::default() })
}

fn score() -> ModelRequest {
    let input = Input::Prompt("How many?".to_owned());
    ModelRequest::Score { input, completion: "Three.".to_owned(), date: None }
}

/// A machine with a generator and an encoder.
fn both() -> Machine {
    let mut machine = loaded();
    load_encoder(&mut machine, &WHOLE).unwrap();
    machine
}

/// Stops the job at every point where it can be stopped; gives how many there are.
fn stopped_everywhere(request: &ModelRequest) -> u32 {
    let (mut machine, host) = (both(), TestHost::default());
    let whole = run(&mut machine, request.clone(), &host).unwrap();
    let n_points = host.breaths.get();
    for point in 1..=n_points {
        let host = TestHost::cancelling_at(point);
        let fault = run(&mut machine, request.clone(), &host).expect_err("it was to stop");
        assert_eq!(fault.code, FaultCode::Cancelled, "{}", fault.message);
        assert_eq!(host.breaths.get(), point, "it stops at once");
    }
    let again = run(&mut machine, request.clone(), &TestHost::default());
    assert_eq!(again, Ok(whole), "what was stopped leaves nothing behind");
    n_points
}

#[test]
fn embedding_stops_between_any_two_batches() {
    for role in [Role::Generator, Role::Encoder] {
        let n_points = stopped_everywhere(&embed(role));
        assert!(n_points > 2, "{role:?}: only {n_points} batches");
    }
}

#[test]
fn scoring_stops_before_its_pass_through_the_model() {
    assert_eq!(stopped_everywhere(&score()), 1);
    let host = TestHost::cancelling_at(1);
    let mut machine = both();
    run(&mut machine, ModelRequest::ResetCounters, &TestHost::default()).unwrap();
    run(&mut machine, score(), &host).unwrap_err();
    let counted = run(&mut machine, ModelRequest::Counters, &TestHost::default());
    let Ok(Answer::Counted(report)) = counted else { panic!("{counted:?}") };
    assert_eq!(report.text_tokens_evaluated, 0.0, "the model was not asked");
}
