//! Between the lesson and the page: events in, HTML out.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, Event, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent, Window,
};

use super::host::{Host, fetch_text, save};
use crate::{
    Lesson, Link, Step, Then,
    draw::{self, LIVE},
    texts::Texts,
};

/// Milliseconds that a step is shown, and then its answer, while the lesson plays.
const PLAY_MS: i32 = 6_000;
/// Pixels that are left free below it.
const ROOM: f64 = 8.0;
/// The smallest that a step is drawn for a class.
const SMALLEST: f64 = 0.7;
/// What is said where the texts do not come.
const NO_TEXTS: &str =
    "The texts of the lesson could not be fetched; check the connection and reload the page.";
/// Its style, and where its texts are.
const STYLE: &str = "static/lesson/lesson.css";

/// The lesson in its element, until it is dropped.
pub struct Program {
    inner: Rc<Inner>,
    listeners: Vec<Listener>,
}

struct Inner {
    element: HtmlElement,
    host: Host,
    lesson: RefCell<Lesson>,
    /// Counts what was fetched; an answer to an older question is not taken.
    n_asked: RefCell<u32>,
}

/// What listens to an event until it is dropped.
struct Listener {
    target: web_sys::EventTarget,
    event: &'static str,
    call: Closure<dyn Fn(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It was added.
        let _gone =
            self.target.remove_event_listener_with_callback(self.event, self.call.as_ref().unchecked_ref());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.listeners.clear();
        *self.inner.n_asked.borrow_mut() += 1;
        self.inner.lesson.borrow_mut().is_playing = false;
    }
}

fn window() -> Window {
    js_sys::global().unchecked_into()
}

impl Program {
    /// Shows the lesson that the address names.
    pub fn show(element: HtmlElement, host: Host) -> Self {
        let inner = Rc::new(Inner { element, host, lesson: RefCell::default(), n_asked: RefCell::default() });
        let mut program = Self { inner: Rc::clone(&inner), listeners: Vec::new() };
        for event in ["click", "change", "input"] {
            program.listen(inner.element.clone().into(), event, Inner::on_act);
        }
        program
            .listen(window().into(), "keydown", |inner, event| inner.on_key(&event.clone().unchecked_into()));
        program.listen(window().into(), "hashchange", |inner, _| inner.read());
        let styled = Rc::clone(&inner);
        spawn_local(async move {
            styled.style().await;
            styled.read();
        });
        program
    }

    fn listen(&mut self, target: web_sys::EventTarget, event: &'static str, on: fn(&Rc<Inner>, &Event)) {
        let inner = Rc::clone(&self.inner);
        let call = Closure::<dyn Fn(Event)>::new(move |event: Event| on(&inner, &event));
        // Every target takes listeners.
        let _added = target.add_event_listener_with_callback(event, call.as_ref().unchecked_ref());
        self.listeners.push(Listener { target, event, call });
    }
}

impl Inner {
    /// Adds the style sheet to the page, once, and waits for it.
    async fn style(&self) {
        let Some(document) = window().document() else { return };
        let found = document.query_selector(&format!("link[href='{STYLE}']")).ok().flatten();
        let (None, Some(head), Ok(link)) = (found, document.head(), document.create_element("link")) else {
            return;
        };
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            for event in ["load", "error"] {
                let _added = link.add_event_listener_with_callback(event, &resolve);
            }
        });
        for (name, value) in [("rel", "stylesheet"), ("href", STYLE)] {
            let _set = link.set_attribute(name, value);
        }
        if head.append_child(&link).is_ok() {
            // Without its style the lesson can still be read.
            let _loaded = wasm_bindgen_futures::JsFuture::from(promise).await;
        }
    }

    /// Follows the address.
    fn read(self: &Rc<Self>) {
        let hash = window().location().hash().unwrap_or_default();
        if !hash.trim_start_matches('#').starts_with("lesson") {
            return;
        }
        let (old_step, old_language) = self.with(|lesson| (lesson.link.step, lesson.link.language));
        let is_other = self.lesson.borrow_mut().read(&hash);
        let (step, language) = self.with(|lesson| (lesson.link.step, lesson.link.language));
        let has_texts = self.with(|lesson| lesson.english.all().next().is_some());
        if is_other || !has_texts || language != old_language {
            self.fetch(is_other);
        }
        self.draw();
        if step != old_step {
            self.focus("step-title");
        }
        self.play();
    }

    fn with<T>(&self, look: impl FnOnce(&Lesson) -> T) -> T {
        look(&self.lesson.borrow())
    }

    /// Fetches texts, and scenes where they are wanted.
    fn fetch(self: &Rc<Self>, has_other_scenes: bool) {
        let inner = Rc::clone(self);
        *self.n_asked.borrow_mut() += 1;
        let asked = *self.n_asked.borrow();
        let (language, is_mine, link) = self.with(|lesson| {
            (lesson.link.language, lesson.is_mine, Link { step: Step::Languages, ..lesson.link.clone() })
        });
        let mut english = self.with(|lesson| lesson.english.clone());
        let has_scenes = !has_other_scenes && self.with(|lesson| lesson.scenes.is_some());
        spawn_local(async move {
            if english.all().next().is_none() {
                english = Texts::read(&fetch_text("static/lesson/en.ftl").await);
            }
            let own = match language {
                "en" => english.clone(),
                other => Texts::read(&fetch_text(&format!("static/lesson/{other}.ftl")).await),
            };
            let scenes =
                if has_scenes { None } else { Some(inner.host.scenes(&link.write(), is_mine).await) };
            if *inner.n_asked.borrow() != asked {
                return;
            }
            let is_alone = {
                let mut lesson = inner.lesson.borrow_mut();
                // Without texts there are no words to say it with.
                let is_mute = english.all().next().is_none();
                lesson.fault = is_mute.then(|| NO_TEXTS.to_owned());
                (lesson.english, lesson.own) = (english, own);
                match scenes {
                    Some(Ok(Some(scenes))) => lesson.scenes = Some(scenes),
                    Some(Err(reason)) => lesson.fault = Some(reason),
                    Some(Ok(None)) => lesson.is_mine = false,
                    None => {}
                }
                lesson.scenes.is_none() && lesson.fault.is_none()
            };
            // There is no session of one's own: the example it is.
            if is_alone {
                inner.fetch(true);
            }
            inner.draw();
        });
    }

    /// Writes the lesson into the page. What has the focus keeps it, by its id.
    fn draw(&self) {
        let focused = window().document().and_then(|document| document.active_element());
        let is_inside = focused.as_ref().is_some_and(|focused| self.element.contains(Some(focused)));
        let id = focused.filter(|_| is_inside).map(|focused| focused.id()).unwrap_or_default();
        let html = self.with(draw::page);
        self.element.set_inner_html(html.as_str());
        self.fit();
        if !id.is_empty() {
            self.focus(&id);
        }
        let term = self.with(|lesson| lesson.link.term.clone());
        if !term.is_empty()
            && let Some(found) = self.found(&format!("term-{term}"))
        {
            found.scroll_into_view();
        }
    }

    /// A class does not scroll: what is taller than the window is drawn smaller, as far as it can still be read.
    fn fit(&self) {
        let Some(step) = self.element.query_selector(".lesson--class .step").ok().flatten() else { return };
        let Ok(step) = step.dyn_into::<HtmlElement>() else { return };
        let area = step.get_bounding_client_rect();
        let room = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default()
            - area.top()
            - ROOM;
        let share = (room / area.height().max(1.0)).clamp(SMALLEST, 1.0);
        if share < 1.0 {
            let _set = step.style().set_property("zoom", &format!("{share:.3}"));
        }
    }

    fn found(&self, id: &str) -> Option<HtmlElement> {
        window().document()?.get_element_by_id(id)?.dyn_into().ok()
    }

    fn focus(&self, id: &str) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        if let Some(found) = self.found(id) {
            let _focused = found.focus_with_options(&options);
        }
    }

    /// Something was pressed or set.
    fn on_act(self: &Rc<Self>, event: &Event) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let Some(acting) = target.closest("[data-act]").ok().flatten() else { return };
        let field = acting.dyn_ref::<HtmlInputElement>();
        // Fields say themselves when they change; sliders and texts while they do.
        let kind = field.map(HtmlInputElement::type_).unwrap_or_default();
        let wanted = match kind.as_str() {
            "range" | "text" => "input",
            "radio" | "checkbox" => "change",
            _ if acting.has_type::<HtmlSelectElement>() => "change",
            _ => "click",
        };
        if event.type_() != wanted {
            return;
        }
        let value = match (field, acting.dyn_ref::<HtmlSelectElement>()) {
            (Some(field), _) if matches!(kind.as_str(), "range" | "text") => field.value(),
            (_, Some(select)) => select.value(),
            _ => acting.get_attribute("data-value").unwrap_or_default(),
        };
        let act = acting.get_attribute("data-act").unwrap_or_default();
        let then = self.lesson.borrow_mut().act(&act, &value);
        self.then(then);
        if act == "reveal" {
            self.focus("lesson-answer");
        }
        self.play();
    }

    fn on_key(self: &Rc<Self>, event: &KeyboardEvent) {
        if event.default_prevented()
            || event.is_composing()
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
        {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_in = |what: &str| {
            target.as_ref().is_some_and(|element| element.closest(what).ok().flatten().is_some())
        };
        if is_in("input[type=text], input[type=range], select, textarea") {
            return;
        }
        let then = self.lesson.borrow_mut().key(&event.key(), is_in("input[type=radio]"));
        if let Some(then) = then {
            event.prevent_default();
            self.then(then);
        }
    }

    fn then(self: &Rc<Self>, then: Then) {
        match then {
            Then::Draw => self.draw(),
            Then::DrawLive => {
                if let Some(live) = self.found(LIVE) {
                    live.set_inner_html(self.with(draw::live).as_str());
                }
            }
            Then::Nothing => {}
            // Refused only in a document without a location. The lesson follows the address.
            Then::Go(link) => {
                let _set = window().location().set_hash(&link.write());
            }
            Then::Fetch => {
                self.fetch(true);
                self.draw();
            }
            // Refused where downloads are not allowed, and the browser says so.
            Then::Save(text) => {
                let _saved = save("concord-lesson.json", &text);
            }
            Then::Print => {
                let _printed = window().print();
            }
        }
    }

    /// Goes on by itself after a while, if it plays and nothing was done meanwhile.
    fn play(self: &Rc<Self>) {
        if !self.with(|lesson| lesson.is_playing && lesson.is_ready()) {
            return;
        }
        let inner = Rc::clone(self);
        let place = |lesson: &Lesson| (lesson.link.step, lesson.revealed.len());
        let before = self.with(place);
        let go_on = Closure::once_into_js(move || {
            if inner.with(place) == before {
                let then = inner.lesson.borrow_mut().play_on();
                inner.then(then);
                inner.play();
            }
        });
        let _set =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(go_on.unchecked_ref(), PLAY_MS);
    }
}
