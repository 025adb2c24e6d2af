//! The domain on its own: what every request does before and after it asks a store.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use time::{Duration, OffsetDateTime};
use vestibule_domain::{AccountId, CodeFormat, EmailAddress, FullName, ThrottleRule, throttle::ThrottleState};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn values(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("domain");
    group.bench_function("id from hex to UUID and back", |bencher| {
        bencher.iter(|| {
            let id = AccountId::from_hex(black_box("507f1f77bcf86cd799439011"));
            id.and_then(|id| AccountId::from_uuid(black_box(id.uuid()))).map(AccountId::hex)
        });
    });
    group.bench_function("e-mail address", |bencher| {
        bencher.iter(|| EmailAddress::parse(black_box(" Alice.Martin@Example.com ")));
    });
    group.bench_function("full name", |bencher| bencher.iter(|| FullName::parse(black_box(" Alice Martin "))));
    group.bench_function("code, generated and read", |bencher| {
        bencher.iter(|| {
            let code = CodeFormat::SixDigits.generate(black_box([7; 8]));
            CodeFormat::SixDigits.parse(code.expose())
        });
    });
    group.bench_function("throttle, five takes", |bencher| {
        bencher.iter(|| {
            (0..5).try_fold(None, |state, minute| {
                ThrottleState::take(state, &ThrottleRule::SIGN_IN, black_box(NOW) + Duration::minutes(minute)).map(Some)
            })
        });
    });
    group.finish();
}

criterion_group!(benches, values);
criterion_main!(benches);
