//! A picture as the text of an SVG: the same on the page, where colours are custom properties, and in a file, where they
//! are what those properties hold at the moment.
//!
//! Shapes are styled by attributes such as `fill`, never by `style`: the page's Content-Security-Policy refuses `style`
//! attributes that come as markup.

use std::fmt::Write;

use super::{Anchor, Ink, Mark, Plot, Series, Shape};

/// Size of text in the picture, in pixels.
const TEXT_SIZE: f64 = 13.0;

/// Everything inside the `<svg>` element; `colour` gives the colour of a token such as `--ink`.
pub fn body(plot: &Plot, colour: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let ink = |ink: Ink| colour(&ink.token());
    for rule in &plot.rules {
        let ((x1, y1), (x2, y2)) = (rule.from, rule.to);
        put(
            &mut out,
            &format!(
                r#"<line x1="{x1:.2}" y1="{y1:.2}" x2="{x2:.2}" y2="{y2:.2}" stroke="{}" stroke-width="{}"/>"#,
                ink(rule.ink),
                rule.width
            ),
        );
    }
    for series in &plot.series {
        line(&mut out, series, &ink);
        for mark in &series.marks {
            shape(&mut out, mark, &ink(mark.ink));
        }
    }
    plot.decor.iter().for_each(|mark| shape(&mut out, mark, &ink(mark.ink)));
    for text in &plot.texts {
        let anchor = match text.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        put(
            &mut out,
            &format!(
                r#"<text x="{:.2}" y="{:.2}" fill="{}" text-anchor="{anchor}" font-size="{TEXT_SIZE}">{}</text>"#,
                text.x,
                text.y,
                ink(text.ink),
                escaped(&text.text)
            ),
        );
    }
    out
}

/// A whole SVG file: title and summary for readers, the paper behind, and the font of the page.
pub fn document(plot: &Plot, font: &str, colour: &dyn Fn(&str) -> String) -> String {
    let Plot { width, height, .. } = plot;
    let font = escaped(font);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" direction="ltr" font-family="{font}" style="font-variant-numeric:tabular-nums"><title>{}</title><desc>{}</desc><rect width="100%" height="100%" fill="{}"/>{}</svg>"#,
        escaped(&plot.title),
        escaped(&plot.summary),
        colour("--sheet"),
        body(plot, colour)
    )
}

fn line(out: &mut String, series: &Series, ink: &dyn Fn(Ink) -> String) {
    let Some(line) = series.line.filter(|_| series.marks.len() > 1) else { return };
    let places: Vec<String> =
        series.marks.iter().map(|mark| format!("{:.2},{:.2}", mark.x, mark.y)).collect();
    let dash =
        if line.dash > 0.0 { format!(r#" stroke-dasharray="{0} {0}""#, line.dash) } else { String::new() };
    put(
        out,
        &format!(
            r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{dash}/>"#,
            places.join(" "),
            ink(line.ink),
            line.width
        ),
    );
}

fn shape(out: &mut String, mark: &Mark, colour: &str) {
    let Mark { x, y, size: (width, height), shade, .. } = *mark;
    let (left, right, top, bottom) = (x - width / 2.0, x + width / 2.0, y - height / 2.0, y + height / 2.0);
    let style = format!(r#"fill="{colour}" fill-opacity="{shade:.3}""#);
    let polygon = |points: [(f64, f64); 4]| {
        let points = points.map(|(x, y)| format!("{x:.2},{y:.2}")).join(" ");
        format!(r#"<polygon points="{points}" {style}/>"#)
    };
    put(
        out,
        &match mark.shape {
            Shape::Disc => format!(r#"<circle cx="{x:.2}" cy="{y:.2}" r="{:.2}" {style}/>"#, width / 2.4),
            Shape::Block => {
                format!(
                    r#"<rect x="{left:.2}" y="{top:.2}" width="{width:.2}" height="{height:.2}" {style}/>"#
                )
            }
            Shape::Diamond => polygon([(x, top - 1.0), (right + 1.0, y), (x, bottom + 1.0), (left - 1.0, y)]),
            Shape::Up => polygon([(x, top), (right, bottom), (left, bottom), (x, top)]),
            Shape::Down => polygon([(left, top), (right, top), (x, bottom), (left, top)]),
        },
    );
}

fn put(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _written = out.write_str(text);
}

/// Text that stands for itself in XML. What XML has no place for is left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_stays_text() {
        assert_eq!(escaped("<a href='x'>\u{0} & \"b\""), "&lt;a href=&#39;x&#39;&gt; &amp; &quot;b&quot;");
    }

    #[test]
    fn a_file_names_no_token_and_the_page_nothing_else() {
        let mut plot = Plot { title: "A < B".to_owned(), width: 100.0, height: 50.0, ..Plot::default() };
        plot.rule((0.0, 1.0), (2.0, 3.0), Ink::Grid, 1.0);
        plot.text((1.0, 2.0), Anchor::End, Ink::Text, "<script>");
        let marks = [Shape::Disc, Shape::Diamond, Shape::Up, Shape::Down, Shape::Block]
            .map(|shape| Mark::new((5.0, 5.0), shape, Ink::Language(9), String::new()));
        let line = Some(super::super::plot::Line { ink: Ink::Act, width: 2.0, dash: 3.0 });
        plot.series.push(Series { name: String::new(), line, marks: marks.to_vec() });
        let file = document(&plot, "Noto \"Sans\", sans-serif", &|token| format!("C{}", token.len()));
        assert!(!file.contains("var(") && !file.contains("<script"), "{file}");
        assert!(file.contains("<title>A &lt; B</title>") && file.contains("polyline"), "{file}");
        assert!(file.contains("Noto &quot;Sans&quot;"), "{file}");
        let page = body(&plot, &|token| format!("var({token})"));
        assert!(page.contains("var(--hue-1)") && page.contains("var(--line)"), "{page}");
        assert!(!page.contains("style="), "the page's policy refuses style attributes: {page}");
    }
}
