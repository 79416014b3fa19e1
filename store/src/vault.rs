//! Secrets at rest, those of targets and of second factors: sealed with ChaCha20-Poly1305 under
//! the hub's master key, each bound to what it belongs to, so that a box moved to another row does
//! not open.
//!
//! A box is `version (1) ‖ key mark (4) ‖ nonce (12) ‖ ciphertext and tag`. The mark tells a
//! wrong key from a damaged box.

use std::{fmt, fs, io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use schema::{digest::Digest, message::Bilingual, parameters::Entropy};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const MARK: usize = 4;
const HEAD: usize = 1 + MARK + NONCE_LEN;

/// The key under which secrets are sealed. Printing it prints nothing.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why a box does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Sealed {
    /// It was sealed under another master key.
    #[error("it was sealed under another master key: give every node the same GONGBAO_MASTER_KEY")]
    OtherKey,
    /// It is damaged, or belongs to something else.
    #[error("it is damaged")]
    Damaged,
}

impl MasterKey {
    /// Reads 32 bytes in base64.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, Bilingual> {
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        key.map(|key| Self(Zeroizing::new(key))).ok_or_else(|| {
            Bilingual::new(
                "主密钥应为 32 个随机字节的 base64（例如 openssl rand -base64 32 的输出）",
                "a master key is 32 random bytes in base64, such as `openssl rand -base64 32` prints",
            )
        })
    }

    /// Reads the key file, or makes it, readable by its owner alone. Whoever comes second
    /// while it is made reads what the first one wrote.
    ///
    /// # Errors
    /// When it cannot be read or written, or others may read it.
    pub fn from_file(file: &Path, entropy: &dyn Entropy) -> io::Result<Self> {
        if !file.exists() {
            let mut key = Zeroizing::new([0; 32]);
            entropy.fill(&mut *key);
            let text = Zeroizing::new(STANDARD.encode(*key));
            // Written aside and linked: a half-written key is never read.
            let folder = file.parent().unwrap_or(Path::new("."));
            let mut aside = tempfile::Builder::new().prefix(".key-").tempfile_in(folder)?;
            io::Write::write_all(&mut aside, text.as_bytes())?;
            aside.as_file().sync_all()?;
            match aside.persist_noclobber(file) {
                Ok(_) => {}
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.error),
            }
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "others may read the master key: chmod 600 it",
                ));
            }
        }
        let text = Zeroizing::new(fs::read_to_string(file)?);
        Self::parse(&text).map_err(|wrong| io::Error::new(io::ErrorKind::InvalidData, wrong.en))
    }

    fn mark(&self) -> [u8; MARK] {
        let digest = Digest::of_parts(&[b"gongbao master key", self.0.as_slice()]);
        let mut mark = [0; MARK];
        mark.copy_from_slice(&digest.as_bytes()[..MARK]);
        mark
    }

    fn key(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, self.0.as_slice());
        LessSafeKey::new(key.expect("32 bytes are a key"))
    }

    /// Seals `plain` for `whom`.
    pub fn seal(&self, entropy: &dyn Entropy, whom: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut text = plain.to_vec();
        self.key()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(whom),
                &mut text,
            )
            .expect("a secret is far below the limit of the cipher");
        [&[VERSION][..], &self.mark(), &nonce, &text].concat()
    }

    /// Opens what was sealed for `whom`.
    ///
    /// # Errors
    /// [`Sealed`].
    pub fn open(&self, whom: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        let (head, text) = sealed.split_at_checked(HEAD).ok_or(Sealed::Damaged)?;
        if head[0] != VERSION {
            return Err(Sealed::Damaged);
        }
        if head[1..=MARK] != self.mark() {
            return Err(Sealed::OtherKey);
        }
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + MARK..]);
        let nonce = nonce.map_err(|_| Sealed::Damaged)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .key()
            .open_in_place(nonce, Aad::from(whom), &mut text)
            .map_err(|_| Sealed::Damaged)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
        }
    }

    fn key(byte: u8) -> MasterKey {
        MasterKey::parse(&STANDARD.encode([byte; 32])).expect("a key")
    }

    #[test]
    fn a_box_opens_for_its_target_under_its_key_alone() {
        let entropy = Counting(AtomicU8::new(1));
        let sealed = key(7).seal(&entropy, b"one", b"whsec");

        assert_eq!(key(7).open(b"one", &sealed).map(|plain| plain.to_vec()), Ok(b"whsec".to_vec()));
        assert_eq!(key(7).open(b"two", &sealed).map(|_| ()), Err(Sealed::Damaged));
        assert_eq!(key(8).open(b"one", &sealed).map(|_| ()), Err(Sealed::OtherKey));
        assert_ne!(sealed, key(7).seal(&entropy, b"one", b"whsec"), "a nonce is used once");
    }

    #[test]
    fn any_flipped_byte_is_noticed() {
        let sealed = key(7).seal(&Counting(AtomicU8::new(1)), b"one", b"whsec");
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(key(7).open(b"one", &damaged).is_err(), "byte {index}");
        }
        assert!(key(7).open(b"one", &sealed[..HEAD - 1]).is_err());
    }

    #[test]
    fn the_key_file_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("master.key");
        let entropy = Counting(AtomicU8::new(1));

        let first = MasterKey::from_file(&file, &entropy).expect("it is made");
        let second = MasterKey::from_file(&file, &entropy).expect("it is read");

        assert_eq!(*first.0, *second.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("permissions");
            assert!(MasterKey::from_file(&file, &entropy).is_err());
        }
    }

    #[test]
    fn a_key_never_shows() {
        assert_eq!(format!("{:?}", key(7)), "MasterKey(…)");
        let wrong = MasterKey::parse("c2hvcnQ=").map(|_| ()).expect_err("it is too short");
        assert!(!wrong.en.contains("c2hvcnQ"));
    }
}
