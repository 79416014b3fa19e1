//! The header of an entry. It is read by writing it anew and comparing: whatever this program
//! would not have written (other kinds of entries, long names, owners) is refused by that.

use std::io;

use tar::{EntryType, Header};

pub(super) const LENGTH: usize = 512;

/// The header of a plain file, readable by its owner alone.
pub(super) fn write(name: &str, size: u64, modified: u64) -> io::Result<[u8; LENGTH]> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(modified);
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// Name, size and time of an entry; `None` for a header this program would not have written.
pub(super) fn read(block: &[u8; LENGTH]) -> Option<(String, u64, u64)> {
    let header = Header::from_byte_slice(block);
    let name = String::from_utf8(header.path_bytes().into_owned()).ok()?;
    let (size, modified) = (header.size().ok()?, header.mtime().ok()?);
    (write(&name, size, modified).ok()? == *block).then_some((name, size, modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_and_any_flipped_bit_is_noticed() {
        let block = write("files/ab", 1 << 40, 1_772_413_200).expect("a header");
        assert_eq!(read(&block), Some(("files/ab".to_owned(), 1 << 40, 1_772_413_200)));

        for bit in 0..LENGTH * 8 {
            let mut damaged = block;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&damaged), None, "bit {bit}");
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_never_written() {
        for name in ["../etc/passwd", "/etc/passwd", "files/../../etc/passwd"] {
            assert!(write(name, 1, 1).is_err(), "{name}");
        }
    }
}
