//! A picture as a file: SVG with the colours of the moment, PNG drawn from it at twice the size, CSV of its table.

use std::collections::HashMap;

use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement};

use crate::{
    browser::download,
    pictures::chart::{self, Plot},
};

/// Pixels of the file per pixel of the picture.
const SCALE: f64 = 2.0;

/// The picture as an SVG file, in the colours and the font that `host` has now.
pub fn svg(plot: &Plot, host: &HtmlElement) -> String {
    let probe = Probe::new(host);
    let known = std::cell::RefCell::new(HashMap::<String, String>::new());
    let colour = |token: &str| {
        known.borrow_mut().entry(token.to_owned()).or_insert_with(|| probe.colour(token)).clone()
    };
    let out = chart::document(plot, &probe.font(), &colour);
    probe.end();
    out
}

/// Saves a text as a file; whether the browser took it.
pub fn save_text(name: &str, media_type: &str, text: &str) -> bool {
    download::save(name, media_type, text).is_ok()
}

/// Draws an SVG and saves it as a PNG file; whether that worked.
pub async fn save_png(name: &str, svg: &str, size: (f64, f64)) -> bool {
    match png(svg, size).await {
        Some(blob) => download::save_blob(name, &blob).is_ok(),
        None => false,
    }
}

async fn png(svg: &str, (width, height): (f64, f64)) -> Option<Blob> {
    let image = HtmlImageElement::new().ok()?;
    let encoded: String = js_sys::encode_uri_component(svg).into();
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{encoded}"));
    JsFuture::from(image.decode()).await.ok()?;
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the size of a picture in pixels"
    )]
    let pixels = |length: f64| (length * SCALE).round().max(1.0) as u32;
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context
        .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width * SCALE, height * SCALE)
        .ok()?;
    let (sender, receiver) = futures_channel::oneshot::channel();
    let take = Closure::once_into_js(move |blob: Option<Blob>| {
        // Nobody may wait any more.
        let _gone = sender.send(blob);
    });
    canvas.to_blob(take.unchecked_ref()).ok()?;
    receiver.await.ok()?
}

/// An element that nobody sees, to ask what a token holds where the picture stands.
struct Probe {
    element: Option<HtmlElement>,
}

impl Probe {
    fn new(host: &HtmlElement) -> Self {
        let element = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.create_element("span").ok())
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let element = element.filter(|element| host.append_child(element).is_ok());
        Self { element }
    }

    fn colour(&self, token: &str) -> String {
        if let Some(element) = &self.element {
            // A refused value leaves the colour of text, which is still a colour.
            let _set = element.style().set_property("color", &format!("var({token})"));
        }
        self.computed("color").unwrap_or_else(|| "currentColor".to_owned())
    }

    fn font(&self) -> String {
        self.computed("font-family").unwrap_or_else(|| "sans-serif".to_owned())
    }

    fn computed(&self, property: &str) -> Option<String> {
        let style = web_sys::window()?.get_computed_style(self.element.as_ref()?).ok()??;
        style.get_property_value(property).ok().filter(|value| !value.is_empty())
    }

    fn end(self) {
        if let Some(element) = self.element {
            element.remove();
        }
    }
}
