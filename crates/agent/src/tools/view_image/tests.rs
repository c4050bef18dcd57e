//! Pictures that other programs have made, broken ones, and what is none.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use models::Content;

use super::{LARGEST, ViewImage};
use crate::{
    Tool,
    picture::{Picture, recognize},
    tool::ToolStatus,
    tools::test_support::Bench,
};

/// Pictures of one pixel in base64: PNG, GIF, and WebP in its lossy, lossless and extended forms.
const ONE_PIXEL: [(&str, &str); 5] = [
    (
        "image/png",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    ),
    (
        "image/gif",
        "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    ),
    (
        "image/webp",
        "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
    ),
    (
        "image/webp",
        "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
    ),
    (
        "image/webp",
        "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==",
    ),
];

/// A JPEG's beginning: an application segment, a filling byte, a progressive frame of 300 × 200 pixels.
const JPEG: &[u8] = &[
    0xff, 0xd8, 0xff, 0xe0, 0, 5, 1, 2, 3, 0xff, 0xff, 0xc2, 0, 11, 8, 0, 200, 1, 44, 1, 1, 0x11, 0,
];

#[test]
fn pictures_are_recognized_by_their_bytes() {
    for (media_type, data) in ONE_PIXEL {
        let bytes = STANDARD.decode(data).unwrap();
        let expected = Picture {
            media_type,
            width: 1,
            height: 1,
        };
        assert_eq!(recognize(&bytes), Some(expected), "{media_type}");
    }
    let expected = Picture {
        media_type: "image/jpeg",
        width: 300,
        height: 200,
    };
    assert_eq!(recognize(JPEG), Some(expected));
}

#[test]
fn no_broken_picture_does_harm() {
    let mut pictures: Vec<_> = ONE_PIXEL
        .iter()
        .map(|(_, data)| STANDARD.decode(data).unwrap())
        .collect();
    pictures.push(JPEG.into());
    for seed in 0..5000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut bytes = pictures[random.usize(..pictures.len())].clone();
        let place = random.usize(..bytes.len());
        bytes[place] = random.u8(..);
        bytes.truncate(random.usize(..=bytes.len()));
        if let Some(picture) = recognize(&bytes) {
            assert!(picture.width > 0 && picture.height > 0, "seed {seed}");
        }
    }
    assert_eq!(recognize(&JPEG[..18]), None);
}

#[test]
fn a_picture_is_shown_to_the_model() {
    let bench = Bench::new(&[]);
    let (media_type, data) = ONE_PIXEL[0];
    // The name says something else than the bytes.
    fs::write(bench.folder().join("a.jpg"), STANDARD.decode(data).unwrap()).unwrap();
    let output = bench.call(&ViewImage, r#"{"path": "a.jpg"}"#);
    let image = Content::Image {
        media_type: media_type.into(),
        data: data.into(),
    };
    assert_eq!(
        output.content,
        [
            Content::text("a.jpg: image/png, 1 × 1 pixels, 70 bytes"),
            image
        ]
    );
}

#[test]
fn what_cannot_be_shown_is_explained() {
    let mut bench = Bench::new(&[]);
    fs::write(bench.folder().join("text.png"), "no picture").unwrap();
    fs::write(
        bench.folder().join("large.png"),
        vec![0; usize::try_from(LARGEST).unwrap() + 1],
    )
    .unwrap();
    let answer = |bench: &Bench, path: &str| {
        let output = bench.call(&ViewImage, &format!(r#"{{"path": "{path}"}}"#));
        assert_eq!(output.status, ToolStatus::Failed);
        bench.text(&output)
    };
    assert!(
        answer(&bench, "text.png").starts_with("text.png is no PNG, JPEG, GIF or WebP picture")
    );
    assert!(answer(&bench, "large.png").contains("more than the 5242880"));
    assert_eq!(answer(&bench, "none.png"), "/w/none.png does not exist.");
    assert!(ViewImage.spec(&bench.facts).is_some());
    bench.facts.images = false;
    assert!(answer(&bench, "text.png").starts_with("This model takes no pictures."));
    assert_eq!(ViewImage.spec(&bench.facts), None);
}
