//! Chat templates that want all the memory or all the time, and those that the template engine itself
//! would not survive: an error comes back, or the text.

use concord_lm::text::{ChatMessage, ChatTemplate, RenderOptions, TextError};

fn render(source: &str) -> Result<String, TextError> {
    let messages =
        [ChatMessage::user("hi"), ChatMessage { role: "assistant".to_owned(), content: "ho".to_owned() }];
    ChatTemplate::new(source)?.render(&messages, &RenderOptions::default())
}

/// A source between a head and a tail, `n` times.
fn repeated(head: &str, part: &str, n: usize, tail: &str) -> String {
    [head, &part.repeat(n), tail].concat()
}

#[test]
fn greedy_templates_are_refused() {
    let long = "{% set a = 'a' * 1000000 %}";
    let cases = [
        "{{ 'x' * 10**8 }}".to_owned(),
        "{% set n = 10**9 %}{{ 'x' * n }}".to_owned(),
        "{% set n = 10**9 %}{{ [1] * n }}".to_owned(),
        "{{ [1] | batch(10**9) | list }}".to_owned(),
        "{{ [1] | slice(10**9) | list }}".to_owned(),
        "{{ [1] | batch(10**9, 'x') | list }}".to_owned(),
        "{{ 'a\\nb' | indent(10**9) }}".to_owned(),
        "{{ 'a\\nb' | indent(width=10**9) }}".to_owned(),
        "{{ '%999999999d' | format(1) }}".to_owned(),
        "{{ '%*d' | format(999999999, 1) }}".to_owned(),
        "{{ '{:>999999999}'.format('x') }}".to_owned(),
        "{{ range(-9223372036854775807, 9223372036854775807) }}".to_owned(),
        "{{ range(1, 0, -9223372036854775808) }}".to_owned(),
        format!("{long}{{{{ a.replace('a', a) }}}}"),
        format!("{long}{{{{ a | replace('', a) }}}}"),
        "{{ ('a' * 1000).join(range(99999)) }}".to_owned(),
        "{{ range(99999) | join('a' * 1000) }}".to_owned(),
        "{{ range(99999) | map('replace', '', 'x' * 1000) | list }}".to_owned(),
        "{{ messages | tojson(separators=['x' * 1000000, 'y' * 1000000]) }}".to_owned(),
        repeated("{% set x = 'ab' %}", "{% set x = x ~ x %}", 60, ""),
        repeated("{% set x = [1] %}", "{% set x = x + x %}", 60, "{{ x | length }}"),
        repeated("{% for i in range(99999) %}", "x", 60_000, "{% endfor %}"),
        repeated("{% set x %}{% for i in range(99999) %}", "x", 60_000, "{% endfor %}{% endset %}"),
        repeated("{% filter upper %}{% for i in range(99999) %}", "x", 60_000, "{% endfor %}{% endfilter %}"),
        repeated("{% for i in range(99999) %}{% set x = [", "i,", 30_000, "] %}{% endfor %}"),
        "{% for i in range(99999) %}{% set ns = namespace(a=1, b=2) %}{% endfor %}".to_owned(),
        "{% for i in range(99999) %}{% macro f() %}{{ i }}{% endmacro %}{% endfor %}".to_owned(),
    ];
    for source in cases {
        let result = render(&source);
        let start: String = source.chars().take(80).collect();
        assert!(matches!(result, Err(TextError::TemplateTooLong { .. })), "{start} gave {result:?}");
    }
}

#[test]
fn slow_templates_are_stopped() {
    let long = "{% set a = 'a' * 1000000 %}{% set b = a + '' %}{% for i in range(99999) %}";
    let cases = [
        format!("{long}{{% if a == b %}}{{% endif %}}{{% endfor %}}"),
        format!("{long}{{% if 'b' in a %}}{{% endif %}}{{% endfor %}}"),
        format!("{long}{{% if a is endingwith 'b' %}}{{% endif %}}{{% endfor %}}"),
        format!("{long}{{% if a[5] == 'b' %}}{{% endif %}}{{% endfor %}}"),
        format!("{long}{{{{ a | length }}}}{{% endfor %}}"),
        format!("{long}{{% for c in a %}}{{% break %}}{{% endfor %}}{{% endfor %}}"),
        "{% set a = range(99999) %}{% for i in range(99999) %}{{ a[99998] }}{% endfor %}".to_owned(),
        "{{ range(9999) | select('in', range(99999)) | list | length }}".to_owned(),
        repeated("{% set x = [1] %}", "{% set x = [x, x] %}", 30, "{{ x }}"),
        "{% set ns = namespace(x=1) %}{% for i in range(30) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}"
            .to_owned(),
    ];
    for source in cases {
        let start: String = source.chars().take(140).collect();
        assert_eq!(render(&source), Err(TextError::TemplateEndless), "{start}");
    }
}

#[test]
fn what_the_engine_would_not_survive_is_refused() {
    let cases = [
        ("{{ self.a() }}{% block a %}{{ self.a() }}{% endblock %}".to_owned(), "recursion"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}".to_owned(), "recursion"),
        ("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}".to_owned(), "recursive loops"),
        ("{% for x in [1] %}{{ loop.changed(x) }}{% endfor %}".to_owned(), "loop.changed"),
        ("{{ range(*[1]) }}".to_owned(), "unpacked"),
        ("{% set ns = namespace() %}{% set ns.x = [ns] %}".to_owned(), "a namespace can hold"),
        (
            "{% for x in [1] %}{% set ns = namespace() %}{% set ns.x = loop %}{% endfor %}".to_owned(),
            "a namespace",
        ),
        (
            "{% set ns = namespace(x=1) %}{% for i in range(99) %}{% set ns.x = [ns.x] %}{% endfor %}"
                .to_owned(),
            "too deep",
        ),
        (repeated("{{ a", "~a", 30_000, " }}"), "in a row"),
        (repeated("{{ a", "|f", 30_000, " }}"), "in a row"),
        (repeated("{{ a", ".b", 30_000, " }}"), "in a row"),
        (repeated("{{ ", "not ", 15_000, "a }}"), "in a row"),
        (repeated("{{ 1", " < 2", 15_000, " }}"), "in a row"),
        (repeated("{% if a %}", "{% elif a %}", 5_000, "{% endif %}"), "in a row"),
        (repeated("{{ ", "(", 60_000, "1 }}"), "in a row"),
    ];
    for (source, expected) in cases {
        let start: String = source.chars().take(80).collect();
        match render(&source) {
            Err(TextError::Template { reason }) => assert!(reason.contains(expected), "{start}: {reason}"),
            other => panic!("{start} gave {other:?}"),
        }
    }
    // The engine would divide by zero, look for nothing for ever, and take a negative index for a huge one.
    let cases = [
        ("{{ 5 is divisibleby 0 }}", "False"),
        ("{{ 6 is divisibleby 3 }}", "True"),
        ("{{ 'aaa'.count('') }}", "4"),
        ("{{ 'abc'[::-1] }}{{ 'abc'[5:0:-1] }}{{ 'abc'[:-9223372036854775807] }}", "cbacb"),
        ("{{ [1, 2, 3][9:0:-2] }}{{ [1, 2, 3][1:] }}{{ [1, 2, 3][-2:-1] }}", "[3][2, 3][2]"),
        ("{% if 1 < 2 < 3 and not 3 < 2 < 1 %}{{ 'a' 'b' }}{% endif %}", "ab"),
    ];
    for (source, expected) in cases {
        assert_eq!(render(source).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn a_long_chat_is_within_all_limits() {
    let source = "{% set ns = namespace(text='') %}{% for m in messages %}{% if loop.index0 != messages | length - 1 and m.role in ['user', 'assistant'] %}\
        {% set ns.last = m.content %}{{ '<|' ~ m.role ~ '|>' + m.content.strip() | replace('x', 'y') }}{% endif %}{% endfor %}";
    let content = "some words of a message. ".repeat(20);
    let roles = ["user", "assistant"].into_iter().cycle();
    let message = |role: &str| ChatMessage { role: role.to_owned(), content: content.clone() };
    let messages: Vec<ChatMessage> = roles.take(1000).map(message).collect();
    let text = ChatTemplate::new(source).unwrap().render(&messages, &RenderOptions::default()).unwrap();
    assert!(text.len() > 500_000, "{}", text.len());
}
