//! The part of an address that names a machine, and where that machine is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a server is, as browsers tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// On this computer.
    Loopback,
    /// In this network.
    Local,
    /// Anywhere else.
    Public,
}

impl Nearness {
    /// The `targetAddressSpace` of a request. It is left out for public servers, and a wrong one fails even where the person
    /// allowed the request.
    pub fn target_space(self) -> Option<&'static str> {
        match self {
            Self::Loopback => Some("loopback"),
            Self::Local => Some("local"),
            Self::Public => None,
        }
    }

    /// The permission that Chromium asks a person for, by the name that `navigator.permissions` knows.
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Loopback => Some("loopback-network"),
            Self::Local => Some("local-network"),
            Self::Public => None,
        }
    }
}

/// What is wrong with a host and its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadHost {
    Host,
    Port,
}

/// Host and port of what stands between `//` and the path.
pub(super) fn host_and_port(server: &str) -> Result<(&str, Option<u16>), BadHost> {
    let (host, port) = match server.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => {
            let (host, rest) = server.split_at(end + 2);
            match rest {
                "" => (host, None),
                rest => (host, Some(rest.strip_prefix(':').ok_or(BadHost::Host)?)),
            }
        }
        None => match server.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (server, None),
        },
    };
    let Some(port) = port else { return Ok((host, None)) };
    let number = port.parse().ok().filter(|port| *port > 0).filter(|_| !port.starts_with('+'));
    Ok((host, Some(number.ok_or(BadHost::Port)?)))
}

/// The host as browsers write it, and where it is.
pub(super) fn host_of(host: &str) -> Result<(String, Nearness), BadHost> {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let ip: Ipv6Addr = inner.parse().map_err(|_bad| BadHost::Host)?;
        if ip.is_unspecified() {
            return Ok(("127.0.0.1".to_owned(), Nearness::Loopback));
        }
        return Ok((format!("[{ip}]"), nearness_of(IpAddr::V6(ip).to_canonical())));
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    // Browsers read such hosts as numbers, some of them octal; only the plain form says what it means.
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        let ip: Ipv4Addr = host.parse().map_err(|_bad| BadHost::Host)?;
        let ip = if ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { ip };
        return Ok((ip.to_string(), nearness_of(ip.into())));
    }
    let is_label = |label: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_letter)
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(BadHost::Host);
    }
    let nearness = match last {
        "localhost" => Nearness::Loopback,
        "local" => Nearness::Local,
        _ => Nearness::Public,
    };
    Ok((host.to_owned(), nearness))
}

fn nearness_of(ip: IpAddr) -> Nearness {
    let is_local = match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    match ip.is_loopback() {
        true => Nearness::Loopback,
        false if is_local => Nearness::Local,
        false => Nearness::Public,
    }
}
