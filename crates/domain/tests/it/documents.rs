//! Documents of dossiers: what is stored, and under which name.

use time::macros::datetime;
use uuid::Uuid;
use vestibule_domain::{
    AccountId, BlobId, BlobName, Dossier,
    dossier::{Detail, Document, DocumentField, Field, Kind, MediaType, StoredDocument, Value},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF";

fn account() -> AccountId {
    AccountId::new(datetime!(2026-03-01 12:00 UTC), [7; 6])
}

fn name() -> BlobName {
    BlobName::of_document(account(), BlobId::new([9; 16]))
}

fn after(preamble: &[u8], content: &[u8]) -> Vec<u8> {
    [preamble, content].concat()
}

#[test]
fn the_three_types_are_told_by_their_first_bytes() {
    assert_eq!(MediaType::detect(PNG), Some(MediaType::Png));
    assert_eq!(MediaType::detect(JPEG), Some(MediaType::Jpeg));
    for jpeg in [&b"\xFF\xD8\xFF\xE1\0\x10Exif"[..], b"\xFF\xD8\xFF\xDB", b"\xFF\xD8\xFF"] {
        assert_eq!(MediaType::detect(jpeg), Some(MediaType::Jpeg));
    }
    for pdf in [
        &b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"[..],
        b"%PDF-1.4 \n1 0 obj\n<</Linearized 1/L 5000>>\nendobj",
        b"%PDF-2.0\ntrailer\n<</Encrypt 5 0 R>>",
        b"%PDF-",
    ] {
        assert_eq!(MediaType::detect(pdf), Some(MediaType::Pdf));
    }
}

#[test]
fn a_pdf_may_have_a_preamble_within_the_first_kibibyte() {
    let last = MediaType::DETECTED_BY - b"%PDF-".len();
    for preamble in [&b"\xEF\xBB\xBF"[..], b"\r\n \t", b"\x1B%-12345X@PJL ENTER LANGUAGE = PDF\r\n", &vec![0; last]] {
        assert_eq!(MediaType::detect(&after(preamble, b"%PDF-1.7")), Some(MediaType::Pdf), "{preamble:?}");
    }
    assert_eq!(MediaType::detect(&after(&vec![0; last + 1], b"%PDF-1.7")), None);
    assert_eq!(MediaType::detect(&after(&vec![0; 100_000], b"%PDF-1.7")), None);
}

#[test]
fn what_a_browser_might_take_for_markup_is_no_pdf() {
    for preamble in [
        &b"<"[..],
        b"<html><script>alert(1)</script>",
        b" \r\n\t<svg onload=alert(1)>",
        b"\xEF\xBB\xBF<!DOCTYPE html>",
        b"\xFF\xFE<\0s\0v\0g\0",
        b"\0<\0s\0v\0g",
        b"text that goes on <img src=x onerror=alert(1)>",
        b"<?xml version=\"1.0\"?><!--",
    ] {
        assert_eq!(MediaType::detect(&after(preamble, b"%PDF-1.7")), None, "{preamble:?}");
    }
    assert_eq!(MediaType::detect(b"%PDF-1.7 <script>"), Some(MediaType::Pdf), "a PDF is full of brackets");
}

#[test]
fn a_pdf_behind_another_signature_is_refused() {
    for signature in [
        &b"PK\x03\x04"[..],
        b"MZ\x90",
        b"\x7FELF",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"\x1F\x8B\x08",
        b"7z\xBC\xAF\x27\x1C",
        b"Rar!\x1A",
        b"#!/bin/sh\n",
        b"BM",
        b"II*\0",
        b"\xD0\xCF\x11\xE0",
        b"{\\rtf1",
    ] {
        assert_eq!(MediaType::detect(&after(signature, b"\n%PDF-1.7")), None, "{signature:?}");
    }
}

#[test]
fn every_other_content_is_refused() {
    for content in [
        &b""[..],
        b"%",
        b"%PDF",
        b"%pdf-1.7",
        b"%!PS-Adobe-3.0",
        b"\x89PNG",
        b"\x89PNG\n\x1a\n\0",
        b" \x89PNG\r\n\x1a\n",
        b"\xFF\xD8",
        b"\0\xFF\xD8\xFF",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<html></html>",
        b"PK\x03\x04",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"plain text",
    ] {
        assert_eq!(MediaType::detect(content), None, "{content:?}");
    }
}

#[test]
fn no_more_than_the_first_kibibyte_tells_the_type() {
    let mut content = after(PNG, &vec![b'<'; 5_000]);
    assert_eq!(MediaType::detect(&content), Some(MediaType::Png));
    content[0] = 0;
    assert_eq!(MediaType::detect(&content), None);
}

#[test]
fn a_media_type_has_one_word() {
    for kind in [MediaType::Pdf, MediaType::Png, MediaType::Jpeg] {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    for word in ["", "pdf", "image/svg+xml", "IMAGE/PNG", "image/jpg"] {
        assert!(word.parse::<MediaType>().is_err(), "{word:?}");
    }
}

#[test]
fn a_blob_is_named_by_its_account_and_a_random_uuid() {
    let text = name().to_string();
    assert_eq!(text, format!("dossiers/{}/09090909-0909-4909-8909-090909090909", account().uuid()));
    assert_eq!(text.parse(), Ok(name()));
}

#[test]
fn only_the_written_form_names_a_blob() {
    let (text, uuid) = (name().to_string(), Uuid::from_u128(1));
    let id = name().id;
    for other in [
        String::new(),
        text.to_uppercase(),
        text.replace("dossiers", "dossier"),
        text.replace("-4909-", "-4909"),
        format!("/{text}"),
        format!("{text}/"),
        format!("{text}#1"),
        format!("{text}/../x"),
        text.replace('/', "//"),
        format!("dossiers/{uuid}/{id}"),
        format!("dossiers/{}/{id}", account().hex()),
        format!("dossiers/{}/{}", account().uuid(), id.to_string().replace('-', "")),
    ] {
        assert!(other.parse::<BlobName>().is_err(), "{other:?}");
    }
}

#[test]
fn only_fields_of_documents_hold_them() {
    for field in Field::ALL {
        assert_eq!(DocumentField::new(*field).is_ok(), field.kind() == Kind::Document, "{field:?}");
    }
    assert_eq!(DocumentField::all().count(), 5);
}

#[test]
fn a_dossier_knows_the_blobs_of_its_stored_documents() {
    let stored = |number| StoredDocument {
        blob: BlobId::new([number; 16]),
        media_type: MediaType::Png,
        size_bytes: 1,
        sha256: [0; 32],
        uploaded_at: datetime!(2026-03-01 12:00:00.000000999 UTC),
    };
    let mut dossier = Dossier::empty(account());
    assert_eq!(dossier.blobs().count(), 0);
    let path = Detail::parse("papers/1.png").unwrap();
    dossier.values.set(Field::TaxId, Value::Document(Document::Path(path.clone()))).unwrap();
    for (field, number) in [(Field::Identity, 1), (Field::BusinessLicence, 2)] {
        dossier.values.set(field, Value::Document(Document::Stored(stored(number)))).unwrap();
    }
    let blobs: Vec<_> = dossier.blobs().collect();
    assert_eq!(blobs, [2, 1].map(|number| BlobName::of_document(account(), BlobId::new([number; 16]))));
    let identity = DocumentField::new(Field::Identity).unwrap();
    let held = dossier.values.stored_document(identity).unwrap();
    assert_eq!(held.uploaded_at, datetime!(2026-03-01 12:00 UTC), "cut to whole microseconds");
    assert_eq!(dossier.values.line(Field::Identity), None, "it is no path");
    assert_eq!(dossier.values.line(Field::TaxId), Some(&path));
    assert_eq!(dossier.values.stored_document(DocumentField::new(Field::TaxId).unwrap()), None);
}
