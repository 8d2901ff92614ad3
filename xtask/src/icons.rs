//! `cargo xtask icons`: draws `icons/` anew from `icons/logo.svg`. Its results are committed, so only who changes the
//! logo needs this.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    place::root,
    say::{run, say},
    setup,
};

const DRAWING: setup::Need = setup::Need {
    purpose: "draw the icons",
    packages: &["librsvg2-bin"],
};

/// The names that the bundler and the Windows start menu look for.
const PICTURES: &[(&str, u32)] = &[
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
    ("tray.png", 44),
    ("Square30x30Logo.png", 30),
    ("Square44x44Logo.png", 44),
    ("Square71x71Logo.png", 71),
    ("Square89x89Logo.png", 89),
    ("Square107x107Logo.png", 107),
    ("Square142x142Logo.png", 142),
    ("Square150x150Logo.png", 150),
    ("Square284x284Logo.png", 284),
    ("Square310x310Logo.png", 310),
    ("StoreLogo.png", 50),
];

pub fn command(_: &[String]) -> Result<()> {
    setup::have(&[&DRAWING])?;
    let icons = root().join("icons");
    let work = crate::place::target()?.join("xtask").join("icons");
    fs::create_dir_all(&work)?;
    let logo = icons.join("logo.svg");
    for (name, size) in PICTURES {
        draw(&logo, *size, &icons.join(name))?;
    }
    let drawn = |size: u32| -> Result<Vec<u8>> {
        let file: PathBuf = work.join(format!("{size}.png"));
        draw(&logo, size, &file)?;
        Ok(fs::read(file)?)
    };
    let windows: Vec<(u32, Vec<u8>)> = [16, 24, 32, 48, 64, 256]
        .into_iter()
        .map(|size| Ok((size, drawn(size)?)))
        .collect::<Result<_>>()?;
    fs::write(icons.join("icon.ico"), ico(&windows))?;
    let apple: Vec<(&[u8; 4], Vec<u8>)> = [
        (b"ic11", 32),
        (b"ic12", 64),
        (b"ic07", 128),
        (b"ic13", 256),
        (b"ic08", 256),
        (b"ic14", 512),
        (b"ic09", 512),
        (b"ic10", 1024),
    ]
    .into_iter()
    .map(|(kind, size)| Ok((kind, drawn(size)?)))
    .collect::<Result<_>>()?;
    fs::write(icons.join("icon.icns"), icns(&apple))?;
    say(format!("icons/ holds {} pictures.", PICTURES.len() + 2));
    Ok(())
}

fn draw(logo: &Path, size: u32, to: &Path) -> Result<()> {
    let side = size.to_string();
    run(Command::new("rsvg-convert")
        .args(["--width", &side, "--height", &side])
        .arg(logo)
        .arg("--output")
        .arg(to))
}

/// Windows' container: a directory of offsets, then the PNG files as they are.
fn ico(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(pictures.len()).unwrap_or(u16::MAX);
    let mut file = vec![0, 0, 1, 0];
    file.extend(count.to_le_bytes());
    let mut offset = 6 + 16 * u32::from(count);
    for (size, png) in pictures {
        // 256 is written as 0.
        let side = u8::try_from(*size).unwrap_or(0);
        let length = u32::try_from(png.len()).unwrap_or(u32::MAX);
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend(length.to_le_bytes());
        file.extend(offset.to_le_bytes());
        offset += length;
    }
    for (_, png) in pictures {
        file.extend(png);
    }
    file
}

/// Apple's container: each picture behind its kind and length.
fn icns(pictures: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let length = |content: usize| u32::try_from(content + 8).unwrap_or(u32::MAX).to_be_bytes();
    let mut body = Vec::new();
    for (kind, png) in pictures {
        body.extend(*kind);
        body.extend(length(png.len()));
        body.extend(png);
    }
    let mut file = b"icns".to_vec();
    file.extend(length(body.len()));
    file.extend(body);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_an_ico_points_at_its_pictures() {
        let file = ico(&[(16, vec![1, 2, 3]), (256, vec![4, 5])]);
        assert_eq!(file[..6], [0, 0, 1, 0, 2, 0]);
        let second = &file[6 + 16..6 + 32];
        assert_eq!(second[0], 0, "256 is written as 0");
        assert_eq!(
            u32::from_le_bytes([second[8], second[9], second[10], second[11]]),
            2
        );
        let offset = u32::from_le_bytes([second[12], second[13], second[14], second[15]]) as usize;
        assert_eq!(file[offset..], [4, 5]);
    }

    #[test]
    fn an_icns_names_its_own_length() {
        let file = icns(&[(b"ic07", vec![9; 10])]);
        assert_eq!(
            u32::from_be_bytes([file[4], file[5], file[6], file[7]]) as usize,
            file.len()
        );
        assert_eq!(file[8..12], *b"ic07");
    }
}
