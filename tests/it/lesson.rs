//! The lesson on the session that ships with the page.

use concord::{
    data::{Session, read_session},
    lesson::{Link, Question, Scenes, Staged, Step},
};

fn example() -> Session {
    let text = std::fs::read_to_string("static/example-session.json").unwrap();
    read_session(&text).unwrap()
}

fn scenes(link: &Link) -> Scenes {
    let staged = Staged::new(&example(), link);
    let mut scenes = Scenes::new(&staged);
    Step::ALL.into_iter().for_each(|step| scenes.add(&staged, step));
    scenes
}

#[test]
fn every_step_has_something_to_show_and_a_wrong_way_to_predict_it() {
    let scenes = scenes(&Link::default());
    for step in Step::ALL {
        let question = scenes.question(step).unwrap_or_else(|| panic!("{step:?} has nothing"));
        assert!(question.verdict(&question.right()).is_right, "{step:?}");
        match question {
            Question::One { n_options, right } => {
                assert!(!right.is_empty() && right.len() < n_options, "{step:?}: {right:?} of {n_options}");
                assert!(right.iter().all(|at| *at < n_options), "{step:?}");
            }
            Question::Order { values } => assert!(values.len() > 3, "{values:?}"),
        }
    }
    println!("{}", serde_json::to_string_pretty(&scenes).unwrap());
}
