//! A request that is dropped before its answer, as the server does when its client is gone.

use std::sync::Arc;

use actix_web::{
    dev::{Payload, Service},
    test::{TestRequest, init_service},
};
use futures_util::{FutureExt, StreamExt, stream};
use vestibule_http::{Leaving, Site};
use vestibule_server::{
    compose::{self, Composition},
    metrics as ours, telemetry,
};
use vestibule_testkit::Lines;

use crate::support::config;

#[test]
fn a_request_that_is_dropped_has_one_line_with_its_id_and_is_counted() {
    let config = config(&[("DATABASE_URL", "memory:")]);
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = telemetry::subscriber(&config.log, move || writer.clone(), false).unwrap();
    let recorder = ours::recorder().unwrap();
    actix_web::rt::System::new().block_on(async {
        let Composition { app, chat, documents, profiles, places, .. } = compose::compose(&config).await.unwrap();
        let options =
            Arc::new(compose::http_options(&config, &config.server.public_url_at(([127, 0, 0, 1], 1).into())));
        let site = Site { identity: app, chat, documents, profiles, places, options, leaving: Leaving::default() };
        let service = init_service(vestibule_http::service(site).build()).await;
        let request = TestRequest::post().uri("/api/auth/login").to_request();
        let endless = Payload::Stream { payload: stream::pending().boxed_local() };
        let mut answer = Box::pin(service.call(request.replace_payload(endless).0));
        tracing::subscriber::with_default(subscriber, || {
            metrics::with_local_recorder(&recorder, || {
                assert!((&mut answer).now_or_never().is_none());
                drop(answer);
            });
        });
    });
    let text = lines.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((line["route"].as_str(), line["status"].as_u64()), (Some("/api/auth/login"), Some(499)), "{line}");
    assert!(line["span"]["id"].is_string(), "{line}");
    let page = recorder.handle().render();
    let counted = r#"http_requests_total{method="POST",route="/api/auth/login",status="499"} 1"#;
    assert!(page.contains(counted), "{page}");
}
