//! Finds a server, and what it can do, in words for the page.

use crate::{
    browser::calls,
    data::Method,
    job::is_same_model,
    protocol::{ReadAnswer, sentence},
    server::{
        AddressError, Browser, Command, Diagnosis, Found, Listed, Permission, Probe, ProbeReply,
        ServerAddress, ServerKey, diagnose, model_name, shown,
    },
};

/// Most bytes that are read of a list or of a probe's answer.
const MOST_BYTES: usize = 4 << 20;

/// The header that a key goes into.
pub(super) fn header(key: &ServerKey, has_own: bool) -> (&'static str, String) {
    let value = key.header();
    match has_own {
        true => ("X-Api-Key", value.trim_start_matches("Bearer ").to_owned()),
        false => ("Authorization", value),
    }
}

/// That another model answered than was asked.
pub(super) fn other_answered(asked: &str, served: &str) -> String {
    format!("{} was asked, and {} answered.", model_name(asked), model_name(served))
}

/// What the page asks first, or why nothing can be asked.
pub(super) fn reach(typed: &str, has_key: bool) -> ReadAnswer {
    match address_of(typed, has_key) {
        Ok(address) => ReadAnswer::Reach(address.url("/models")),
        Err(diagnosis) => unusable(diagnosis),
    }
}

/// Looks for a server at an address.
pub(super) async fn connect(
    typed: &str,
    key: Option<&ServerKey>,
    wanted: &str,
    is_there: bool,
) -> ReadAnswer {
    match found(typed, key, wanted, is_there).await {
        Ok((found, models)) => {
            let can = &found.can;
            let name = can.kind.name().unwrap_or("The server");
            let model = model_name(&can.model);
            let mut lines = vec![format!("{name} answers as {model}.")];
            let served = can.served.as_deref().filter(|served| !is_same_model(&can.model, served));
            lines.extend(served.map(|served| other_answered(&can.model, served)));
            lines.extend(can.notes());
            for line in Method::ALL.iter().filter_map(|method| can.lacks(*method)) {
                if !lines.iter().any(|said| said == line) {
                    lines.push(line.to_owned());
                }
            }
            // A plain record always has a JSON.
            let server = serde_json::to_string(&found).unwrap_or_default();
            ReadAnswer::Connected { server, base: found.base, models, lines, commands: Vec::new() }
        }
        Err(diagnosis) => unusable(diagnosis),
    }
}

fn unusable(Diagnosis { text, commands }: Diagnosis) -> ReadAnswer {
    ReadAnswer::Connected {
        server: String::new(),
        base: String::new(),
        models: Vec::new(),
        lines: vec![text],
        commands: commands.into_iter().map(|command| command.text).collect(),
    }
}

fn said(text: impl ToString) -> Diagnosis {
    Diagnosis { text: text.to_string(), commands: Vec::new() }
}

/// The address, where this page may ask it.
fn address_of(typed: &str, has_key: bool) -> Result<ServerAddress, Diagnosis> {
    let (page, user_agent) = calls::page_and_browser();
    let address = ServerAddress::parse(typed).map_err(|error| said(sentence(&error.to_string())))?;
    address.check_reach(&page, Browser::of(&user_agent)).map_err(|error| Diagnosis {
        text: sentence(&error.to_string()),
        commands: match error {
            AddressError::PlainHttp { command, .. } => vec![Command { name: "ssh", text: command }],
            _ => Vec::new(),
        },
    })?;
    match has_key && !address.may_carry_key() {
        true => Err(said("A key is sent only over https, or to this computer: give the server https.")),
        false => Ok(address),
    }
}

async fn found(
    typed: &str,
    key: Option<&ServerKey>,
    wanted: &str,
    is_there: bool,
) -> Result<(Found, Vec<String>), Diagnosis> {
    let (page, user_agent) = calls::page_and_browser();
    let browser = Browser::of(&user_agent);
    let address = address_of(typed, key.is_some())?;
    let models_url = address.url("/models");
    let mut has_own_header = false;
    let mut listed = list(&models_url, key, has_own_header).await;
    if listed.is_none() && is_there && key.is_some() {
        // Servers that let every header through do not mean this one; llama-server has another.
        has_own_header = true;
        listed = list(&models_url, key, has_own_header).await;
    }
    let permission = match address.nearness().permission() {
        Some(name) => permission_of(calls::permission(name).await.as_deref()),
        None => Permission::Unknown,
    };
    let outcome = match &listed {
        Some((status, body)) => Listed::Status(*status, body),
        None => Listed::NoAnswer { is_there },
    };
    if key.is_some() && matches!(outcome, Listed::Status(401 | 403, _)) {
        return Err(said("The server refuses this key."));
    }
    let mut list = diagnose(&address, &page, browser, permission, outcome)?;
    if let Some(at) = list.names.iter().position(|name| name == wanted) {
        list.names.swap(0, at);
    }
    let model = list.names.first().cloned().unwrap_or_default();
    let mut probe = Probe::new(list.kind, &model);
    while let Some(request) = probe.next() {
        let url = address.url(request.call);
        let header = key.map(|key| header(key, has_own_header));
        let call = calls::Call { url: &url, body: Some(&request.body), header };
        let answer = calls::whole(call, MOST_BYTES).await;
        let reply = match &answer {
            Ok((status, body)) => ProbeReply::Status(*status, body),
            Err(_) => ProbeReply::NoAnswer,
        };
        probe.on(reply).map_err(|error| said(sentence(&shown(&error.to_string(), key))))?;
    }
    let found = Found { base: address.base(), has_own_header, can: probe.found() };
    Ok((found, list.names))
}

async fn list(url: &str, key: Option<&ServerKey>, has_own_header: bool) -> Option<(u16, Vec<u8>)> {
    let header = key.map(|key| header(key, has_own_header));
    calls::whole(calls::Call { url, body: None, header }, MOST_BYTES).await.ok()
}

fn permission_of(said: Option<&str>) -> Permission {
    match said {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some("prompt") => Permission::Prompt,
        _ => Permission::Unknown,
    }
}
