//! The page of metrics, as a scraper reads it.

use std::net::SocketAddr;

use super::{Connection, Request, Server};

/// Where the metrics are, as the greeting says.
fn metrics_address(server: &Server) -> SocketAddr {
    let url = server.fact("metrics");
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/metrics"));
    address.unwrap_or_else(|| panic!("{url}")).parse().unwrap()
}

/// The page of metrics.
pub(crate) fn metrics(server: &Server) -> String {
    let page = Connection::open(metrics_address(server)).unwrap().call(&Request::get("/metrics")).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.header("content-type").unwrap().starts_with("text/plain"), "{page:?}");
    page.text().to_owned()
}

/// The value of the first line with this name that has all these labels.
pub(crate) fn value(page: &str, name: &str, labels: &[&str]) -> f64 {
    let is_it = |line: &&str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
        rest.is_some() && labels.iter().all(|label| line.contains(label))
    };
    let line = page.lines().find(is_it).unwrap_or_else(|| panic!("no {name} with {labels:?} in\n{page}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}
