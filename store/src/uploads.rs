//! Uploads that can be interrupted: whose they are, how long the file is to be, and which pieces
//! of it lie in the file store.
//!
//! An upload is written to by turns: whoever begins to write takes the next turn, and what an
//! earlier one brings after that is not noted. So a connection that hangs keeps nobody from going
//! on, and two that write at once cannot mix their bytes.

use jiff::Timestamp;
use schema::{
    digest::Digest,
    ids::{ActorId, PieceId, UploadId},
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// A file on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Who sends it; nobody else learns of it.
    pub actor: ActorId,
    /// What the file is called, where its sender says so.
    pub name: Option<String>,
    /// What its sender said of it, as it was said.
    pub metadata: Option<String>,
    /// Bytes that it will have.
    pub length: u64,
    /// Bytes of it that are safe.
    pub received: u64,
    /// Where it is sent when it goes straight to the store.
    pub direct: Option<DirectUpload>,
    /// When it is given up.
    pub expires_at: Timestamp,
    /// The file it became.
    pub file: Option<Digest>,
}

/// An upload that goes straight to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectUpload {
    /// The piece that it will be: the whole file.
    pub piece: PieceId,
    /// What the store calls it.
    pub remote: String,
}

/// A piece of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its name in the file store.
    pub id: PieceId,
    /// Where in the file it begins, in bytes.
    pub start: u64,
    /// How long it is, in bytes.
    pub length: u64,
}

row! {
    struct Row {
        id: Uuid,
        actor_id: Uuid,
        name: Option<String>,
        metadata: Option<String>,
        length: i64,
        received: i64,
        piece_id: Option<Uuid>,
        remote: Option<String>,
        expires_at: Moment,
        file_digest: Option<Vec<u8>>,
    }
}

impl Row {
    fn into_upload(self) -> Result<Upload, Error> {
        let direct = self.piece_id.zip(self.remote);
        let digest = |bytes: Vec<u8>| convert::digest("upload.file_digest", &bytes);
        Ok(Upload {
            id: self.id.into(),
            actor: self.actor_id.into(),
            name: self.name,
            metadata: self.metadata,
            length: bytes("upload.length", self.length)?,
            received: bytes("upload.received", self.received)?,
            direct: direct.map(|(piece, remote)| DirectUpload { piece: piece.into(), remote }),
            expires_at: self.expires_at.0,
            file: self.file_digest.map(digest).transpose()?,
        })
    }
}

fn bytes(what: &'static str, number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|error| Error::corrupt(what, error))
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// How many uploads of `actor` are under way, and how many bytes they may come to have together.
///
/// # Errors
/// [`Error::Database`].
pub async fn under_way(session: &mut Session, actor: ActorId) -> Result<(u64, u64), Error> {
    let rows = fetch_all!(
        session,
        (i64,),
        "SELECT length FROM upload WHERE actor_id = $1 AND file_digest IS NULL",
        actor.uuid(),
    )?;
    let count = rows.len() as u64;
    let lengths = rows.into_iter().map(|(length,)| bytes("upload.length", length));
    Ok((count, lengths.sum::<Result<u64, Error>>()?))
}

/// Writes an upload that begins.
///
/// # Errors
/// [`Error::Database`].
pub async fn begin(work: &mut UnitOfWork, upload: &Upload) -> Result<(), Error> {
    let now = Moment(work.now());
    let (piece, remote) =
        upload.direct.as_ref().map(|it| (it.piece.uuid(), it.remote.as_str())).unzip();
    execute!(
        work.session(),
        "INSERT INTO upload (id, actor_id, name, metadata, length, received, turn, piece_id, remote, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8, $9)",
        upload.id.uuid(),
        upload.actor.uuid(),
        upload.name.as_deref(),
        upload.metadata.as_deref(),
        number(upload.length),
        piece,
        remote,
        now,
        Moment(upload.expires_at),
    )?;
    Ok(())
}

/// The upload `id` of `actor`, unless it is over.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row that does not read back.
pub async fn find(
    session: &mut Session,
    id: UploadId,
    actor: ActorId,
    now: Timestamp,
) -> Result<Option<Upload>, Error> {
    fetch_optional!(
        session,
        Row,
        "SELECT id, actor_id, name, metadata, length, received, piece_id, remote, expires_at, \
         file_digest FROM upload WHERE id = $1 AND actor_id = $2 AND expires_at > $3",
        id.uuid(),
        actor.uuid(),
        Moment(now),
    )?
    .map(Row::into_upload)
    .transpose()
}

/// The pieces of an upload, from its beginning.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row that does not read back.
pub async fn pieces(session: &mut Session, id: UploadId) -> Result<Vec<Piece>, Error> {
    let rows = fetch_all!(
        session,
        (Uuid, i64, i64),
        "SELECT piece_id, start, length FROM upload_piece WHERE upload_id = $1 ORDER BY start",
        id.uuid(),
    )?;
    rows.into_iter()
        .map(|(piece, start, length)| {
            Ok(Piece {
                id: piece.into(),
                start: bytes("upload_piece.start", start)?,
                length: bytes("upload_piece.length", length)?,
            })
        })
        .collect()
}

/// Takes the next turn to write behind `received` bytes; `None` where there are more or less of
/// them now, or the file is whole.
///
/// # Errors
/// [`Error::Database`].
pub async fn take_turn(
    work: &mut UnitOfWork,
    id: UploadId,
    received: u64,
) -> Result<Option<i64>, Error> {
    let turn = fetch_optional!(
        work.session(),
        (i64,),
        "UPDATE upload SET turn = turn + 1 WHERE id = $1 AND received = $2 AND file_digest IS NULL \
         RETURNING turn",
        id.uuid(),
        number(received),
    )?;
    Ok(turn.map(|(turn,)| turn))
}

/// Notes pieces that follow each other behind what is there, and that the upload lasts longer for
/// it; `false` when the turn is over, or they do not follow.
///
/// # Errors
/// [`Error::Database`].
pub async fn advance(
    work: &mut UnitOfWork,
    id: UploadId,
    turn: i64,
    pieces: &[Piece],
    expires_at: Timestamp,
) -> Result<bool, Error> {
    for piece in pieces {
        let is_next = execute!(
            work.session(),
            "UPDATE upload SET received = received + $4, expires_at = $5 \
             WHERE id = $1 AND turn = $2 AND received = $3 AND received + $4 <= length \
             AND file_digest IS NULL",
            id.uuid(),
            turn,
            number(piece.start),
            number(piece.length),
            Moment(expires_at),
        )?;
        if is_next == 0 {
            return Ok(false);
        }
        execute!(
            work.session(),
            "INSERT INTO upload_piece (upload_id, start, length, piece_id) VALUES ($1, $2, $3, $4)",
            id.uuid(),
            number(piece.start),
            number(piece.length),
            piece.id.uuid(),
        )?;
    }
    Ok(true)
}

/// Notes that the upload became the file `digest`, all of whose bytes have arrived.
///
/// # Errors
/// [`Error::Database`].
pub async fn became(work: &mut UnitOfWork, id: UploadId, digest: &Digest) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE upload SET file_digest = $2 WHERE id = $1",
        id.uuid(),
        convert::bytes(digest),
    )?;
    execute!(work.session(), "DELETE FROM upload_piece WHERE upload_id = $1", id.uuid())?;
    Ok(())
}

/// Ends an upload: nobody finds it from now on, and nobody's turn goes on. Its pieces and its row
/// go with [`over`].
///
/// # Errors
/// [`Error::Database`].
pub async fn end(work: &mut UnitOfWork, id: UploadId) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE upload SET turn = turn + 1, expires_at = $2 WHERE id = $1 AND expires_at > $2",
        id.uuid(),
        now,
    )?;
    Ok(())
}

/// Up to `limit` uploads that are over.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row that does not read back.
pub async fn over(session: &mut Session, now: Timestamp, limit: u32) -> Result<Vec<Upload>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        "SELECT id, actor_id, name, metadata, length, received, piece_id, remote, expires_at, \
         file_digest FROM upload WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
        Moment(now),
        i64::from(limit),
    )?;
    rows.into_iter().map(Row::into_upload).collect()
}

/// Forgets an upload whose pieces are destroyed.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget(work: &mut UnitOfWork, id: UploadId) -> Result<(), Error> {
    execute!(work.session(), "DELETE FROM upload_piece WHERE upload_id = $1", id.uuid())?;
    execute!(work.session(), "DELETE FROM upload WHERE id = $1", id.uuid())?;
    Ok(())
}
