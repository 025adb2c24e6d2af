//! PostgreSQL over TLS: what is refused, and what is said about it.

use vestibule_testkit::PostgresCluster;

use crate::support::{Certificates, Setup, postgres};

/// Has the server show a certificate.
fn show(cluster: &PostgresCluster, certificates: &Certificates) {
    for (name, text) in [("server.crt", &certificates.certificate), ("server.key", &certificates.key)] {
        // Its program runs in the folder of the data, as the user of the server.
        let copy = format!(
            "COPY (SELECT unnest(string_to_array('{}', E'\\n'))) TO PROGRAM 'umask 077; cat > {name}'",
            text.trim_end()
        );
        postgres::query(cluster.url(), &copy);
    }
    postgres::query(cluster.url(), "ALTER SYSTEM SET ssl = on");
    postgres::query(cluster.url(), "SELECT pg_reload_conf()");
    postgres::query(cluster.url(), "SELECT pg_sleep(0.5)");
}

#[test]
fn what_is_wrong_with_tls_is_said_with_the_remedy() {
    let cluster = PostgresCluster::start();
    let folder = tempfile::tempdir().unwrap();
    let run = |parameters: String| Setup::at(&format!("{}?{parameters}", cluster.url())).run(&["migrate"]);
    run("sslmode=require".to_owned()).expect_refusal(4, "`ssl = on`");

    let here = Certificates::of_this_machine();
    show(&cluster, &here);
    run("sslmode=require".to_owned()).expect(0);
    run("sslmode=verify-full".to_owned()).expect_refusal(4, "name the authority that did in `sslrootcert`");
    let verified = |certificates: &Certificates| {
        certificates.write(folder.path());
        run(format!("sslmode=verify-full&sslrootcert={}", folder.path().join(Certificates::AUTHORITY).display()))
    };
    verified(&here).expect(0);
    verified(&Certificates::of_this_machine()).expect_refusal(4, "no authority that is trusted here");

    let elsewhere = Certificates::of_another_machine();
    show(&cluster, &elsewhere);
    verified(&elsewhere).expect_refusal(4, "is for another name");
    let old = Certificates::expired();
    show(&cluster, &old);
    verified(&old).expect_refusal(4, "has expired");
}
