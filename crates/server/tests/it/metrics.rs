//! The metrics page.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use metrics::{counter, histogram};
use time::macros::datetime;
use tokio::runtime::Builder;
use vestibule_application::operations::Usage;
use vestibule_ports::{OutboxStats, PoolUsage};
use vestibule_server::metrics::{self as ours, NodeSample, StoreSample};

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_page_shows_counters_buckets_and_fresh_gauges() {
    let handle = ours::install().unwrap();
    assert!(ours::install().is_err(), "metrics are set up once");
    counter!(ours::HTTP_REQUESTS, "route" => "/api/auth/me", "method" => "GET", "status" => "200").increment(3);
    histogram!(ours::HTTP_SECONDS, "route" => "/api/auth/me").record(0.004);
    ours::count_mail_delivery("delivered");

    let now = datetime!(2026-01-01 12:00 UTC);
    let outbox = OutboxStats { waiting: 2, oldest: Some(now - time::Duration::seconds(90)), dead: 1 };
    let pool = PoolUsage { open: 5, idle: 2, limit: 16, writers: 16 };
    let sampler = ours::sampler(move || {
        let store = std::future::ready(StoreSample { is_up: true, outbox: Some((outbox, now)) });
        (NodeSample { usage: Usage { queued_hashes: 7, pool }, live_streams: 3 }, store)
    });

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    actix_web::rt::System::new().block_on(async move {
        let server = ours::serve(listener, handle, sampler).unwrap();
        let stop = server.handle();
        let running = actix_web::rt::spawn(server);
        let (page, elsewhere) =
            actix_web::rt::task::spawn_blocking(move || (get(address, "/metrics"), get(address, "/"))).await.unwrap();
        stop.stop(false).await;
        running.await.unwrap().unwrap();
        assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
        for line in [
            "content-type: text/plain; version=0.0.4; charset=utf-8",
            "# HELP http_requests_total Requests by route, method and status.",
            "http_requests_total{route=\"/api/auth/me\",method=\"GET\",status=\"200\"} 3",
            "http_request_duration_seconds_bucket{route=\"/api/auth/me\",le=\"0.0025\"} 0",
            "http_request_duration_seconds_bucket{route=\"/api/auth/me\",le=\"0.005\"} 1",
            "mail_deliveries_total{result=\"delivered\"} 1",
            "password_hash_queue 7",
            "live_streams 3",
            "store_connections{state=\"busy\"} 3",
            "store_connections{state=\"idle\"} 2",
            "store_connections{state=\"limit\"} 16",
            "store_up 1",
            "outbox_waiting 2",
            "outbox_oldest_seconds 90",
            "outbox_dead 1",
        ] {
            assert!(page.contains(&format!("{line}\r\n")) || page.contains(&format!("{line}\n")), "{line}\n\n{page}");
        }
    });
}

#[test]
fn while_the_store_hangs_the_page_shows_the_process_as_it_is_and_no_old_numbers_of_the_store() {
    let recorder = ours::recorder().unwrap();
    let handle = recorder.handle();
    let pool = PoolUsage { open: 16, idle: 0, limit: 16, writers: 16 };
    let hanging = ours::sampler(move || {
        (NodeSample { usage: Usage { queued_hashes: 9, pool }, live_streams: 0 }, std::future::pending())
    });
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let page = metrics::with_local_recorder(&recorder, || runtime.block_on(ours::render(&handle, &hanging)));
    for line in ["password_hash_queue 9", "store_connections{state=\"busy\"} 16", "store_up 0", "outbox_waiting NaN"] {
        assert!(page.lines().any(|found| found == line), "{line}\n\n{page}");
    }
}
