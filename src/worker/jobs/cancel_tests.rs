//! `embed` and `score`, stopped by the page: between any two steps, with nothing left behind.

use std::{
    cell::Cell,
    future::poll_fn,
    task::{Context, Poll},
};

use crate::{
    protocol::{Answer, EmbedRequest, Fault, FaultCode, Input, ModelRequest, Role},
    reference::Pause,
    worker::{
        encoder_tests::{WHOLE, load_encoder},
        machine::Machine,
        stop::Stop,
        testing::{TestHost, build_request, loaded, run},
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

thread_local! {
    /// Pauses that models have taken, and the one from which on nobody wants what they do.
    static PAUSES: Cell<(u32, u32)> = const { Cell::new((0, u32::MAX)) };
}

/// A machine whose models hear, in the middle of a call, that they are to stop.
fn hearing() -> Machine {
    let pause: Pause = || {
        PAUSES.set((PAUSES.get().0 + 1, PAUSES.get().1));
        let mut was_pending = false;
        Box::pin(poll_fn(move |context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut was_pending, true) { Poll::Ready(()) } else { Poll::Pending }
        }))
    };
    let wants_stop = || PAUSES.get().0 >= PAUSES.get().1;
    let is_wanted = move |_: &mut Context<'_>| if wants_stop() { Poll::Ready(()) } else { Poll::Pending };
    let mut machine = both();
    let stop = Stop::new(pause, is_wanted);
    machine.models.all().unwrap().for_each(|model| model.hear(stop.clone()));
    machine
}

/// Runs a job whose models are to stop at a pause; gives what came of it, and the pauses that were taken.
fn until_pause(machine: &mut Machine, request: ModelRequest, pause: u32) -> (Result<Answer, Fault>, u32) {
    PAUSES.set((0, pause));
    let answer = run(machine, request, &TestHost::default());
    (answer, PAUSES.replace((0, u32::MAX)).0)
}

#[test]
fn a_call_of_the_cpu_stops_between_any_two_layers_and_leaves_nothing_behind() {
    let whole_build = ModelRequest::Build(Box::new(build_request()));
    for request in [embed(Role::Generator), embed(Role::Encoder), score(), whole_build] {
        let mut machine = hearing();
        let (whole, n_pauses) = until_pause(&mut machine, request.clone(), u32::MAX);
        let whole = whole.unwrap();
        assert!(n_pauses > 2, "{n_pauses}");
        for pause in (1..n_pauses).step_by(n_pauses as usize / 20 + 1) {
            let (answer, n_taken) = until_pause(&mut machine, request.clone(), pause);
            match answer {
                Ok(Answer::Built(outcome)) => assert!(outcome.cancelled),
                other => assert_eq!(other.expect_err("it was to stop").code, FaultCode::Cancelled),
            }
            assert_eq!(n_taken, pause, "it stops at once");
        }
        let (again, _) = until_pause(&mut machine, request, u32::MAX);
        assert_eq!(again, Ok(whole), "what was stopped leaves nothing behind");
    }
}
