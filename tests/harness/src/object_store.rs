//! An S3 service in this process, on loopback, over a folder. It speaks the real protocol with
//! real signatures; what the folder cannot do, versions and lists of unfinished uploads, is
//! kept here beside it.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::{
    S3, S3Request, S3Response, S3Result, auth::SimpleAuth, dto, s3_error, service::S3ServiceBuilder,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The bucket that is there.
pub const BUCKET: &str = "gazette";
/// Who may reach it.
pub const ACCESS_KEY: &str = "hub";
/// And with what.
pub const SECRET_KEY: &str = "a secret that is never printed";

/// What the service saw and how it is to behave.
#[derive(Debug, Default)]
pub struct Behaviour {
    /// Keep versions, as a bucket with versioning does.
    pub versioned: bool,
    /// Refuse the part of this number.
    pub refused_part: Option<i32>,
    /// Fail when an upload is to be aborted.
    pub refuse_abort: bool,
    /// Key and id of every version and deletion mark kept.
    pub versions: Vec<(String, String)>,
    /// Key and id of every unfinished upload.
    pub uploads: Vec<(String, String)>,
    /// By what the parts of unfinished uploads are known: upload, number, tag.
    pub tags: Vec<(String, i32, dto::ETag)>,
    /// Encryption asked for by the last upload.
    pub encryption: Option<String>,
    /// Number of parts received.
    pub parts: usize,
}

/// The service; it ends when this is dropped.
#[derive(Debug)]
pub struct ObjectStore {
    endpoint: String,
    behaviour: Arc<Mutex<Behaviour>>,
    task: JoinHandle<()>,
}

impl ObjectStore {
    /// Serves buckets as folders below `root`.
    pub async fn start(root: &Path) -> Self {
        std::fs::create_dir_all(root.join(BUCKET)).expect("a folder");
        let behaviour = Arc::<Mutex<Behaviour>>::default();
        let folder = s3s_fs::FileSystem::new(root).expect("a service");
        let mut service =
            S3ServiceBuilder::new(Service { folder, behaviour: Arc::clone(&behaviour) });
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();

        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    // The client may hang up at any time.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint, behaviour, task }
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Changes or reads the behaviour.
    pub fn with<T>(&self, look: impl FnOnce(&mut Behaviour) -> T) -> T {
        look(&mut self.behaviour.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Service {
    folder: s3s_fs::FileSystem,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl Service {
    fn with<T>(&self, look: impl FnOnce(&mut Behaviour) -> T) -> T {
        look(&mut self.behaviour.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service {
    /// Whether an upload is under way; the folder has another answer for those that are not.
    fn knows(&self, id: &str) -> S3Result<()> {
        match self.with(|behaviour| behaviour.uploads.iter().any(|(_, kept)| kept == id)) {
            true => Ok(()),
            false => Err(s3_error!(NoSuchUpload)),
        }
    }
}

/// A time long ago, when every upload began.
fn long_ago() -> dto::Timestamp {
    dto::Timestamp::parse(dto::TimestampFormat::DateTime, "2020-01-01T00:00:00Z").expect("a time")
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn get_object(
        &self,
        request: S3Request<dto::GetObjectInput>,
    ) -> S3Result<S3Response<dto::GetObjectOutput>> {
        self.folder.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<dto::HeadObjectInput>,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        self.folder.head_object(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<dto::ListObjectsV2Input>,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        self.folder.list_objects_v2(request).await
    }

    async fn put_object(
        &self,
        request: S3Request<dto::PutObjectInput>,
    ) -> S3Result<S3Response<dto::PutObjectOutput>> {
        let key = request.input.key.clone();
        let encryption = request.input.server_side_encryption.clone();
        let answer = self.folder.put_object(request).await?;
        self.with(|behaviour| {
            behaviour.encryption = encryption.map(|encryption| encryption.as_str().to_owned());
            if behaviour.versioned {
                behaviour.keep_version(key);
            }
        });
        Ok(answer)
    }

    async fn delete_object(
        &self,
        request: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        let (key, version) = (request.input.key.clone(), request.input.version_id.clone());
        if let Some(version) = version {
            let found = (key, version);
            self.with(|behaviour| behaviour.versions.retain(|kept| *kept != found));
            return Ok(S3Response::new(dto::DeleteObjectOutput::default()));
        }
        let mut answer = self.folder.delete_object(request).await?;
        self.with(|behaviour| {
            if behaviour.versioned {
                answer.output.delete_marker = Some(true);
                answer.output.version_id = Some(behaviour.keep_version(key));
            }
        });
        Ok(answer)
    }

    async fn list_object_versions(
        &self,
        request: S3Request<dto::ListObjectVersionsInput>,
    ) -> S3Result<S3Response<dto::ListObjectVersionsOutput>> {
        let prefix = request.input.prefix.unwrap_or_default();
        let versions = self.with(|behaviour| {
            let kept = behaviour.versions.iter().filter(|(key, _)| key.starts_with(&prefix));
            kept.map(|(key, id)| dto::ObjectVersion {
                key: Some(key.clone()),
                version_id: Some(id.clone()),
                ..Default::default()
            })
            .collect()
        });
        Ok(S3Response::new(dto::ListObjectVersionsOutput {
            versions: Some(versions),
            is_truncated: Some(false),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<dto::CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CreateMultipartUploadOutput>> {
        let key = request.input.key.clone();
        let answer = self.folder.create_multipart_upload(request).await?;
        let id = answer.output.upload_id.clone().unwrap_or_default();
        self.with(|behaviour| behaviour.uploads.push((key, id)));
        Ok(answer)
    }

    async fn upload_part(
        &self,
        request: S3Request<dto::UploadPartInput>,
    ) -> S3Result<S3Response<dto::UploadPartOutput>> {
        let number = request.input.part_number;
        if self.with(|behaviour| behaviour.refused_part == Some(number)) {
            return Err(s3_error!(InvalidRequest, "the part was refused"));
        }
        let id = request.input.upload_id.clone();
        let answer = self.folder.upload_part(request).await?;
        self.with(|behaviour| {
            behaviour.parts += 1;
            behaviour.tags.retain(|(kept, part, _)| (kept, *part) != (&id, number));
            if let Some(tag) = answer.output.e_tag.clone() {
                behaviour.tags.push((id, number, tag));
            }
        });
        Ok(answer)
    }

    async fn list_parts(
        &self,
        request: S3Request<dto::ListPartsInput>,
    ) -> S3Result<S3Response<dto::ListPartsOutput>> {
        let id = request.input.upload_id.clone();
        self.knows(&id)?;
        let mut answer = self.folder.list_parts(request).await?;
        // The folder knows no tags of parts.
        self.with(|behaviour| {
            for part in answer.output.parts.iter_mut().flatten() {
                let known = behaviour
                    .tags
                    .iter()
                    .find(|(kept, number, _)| *kept == id && Some(*number) == part.part_number);
                part.e_tag = known.map(|(_, _, tag)| tag.clone());
            }
        });
        Ok(answer)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<dto::CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CompleteMultipartUploadOutput>> {
        let id = request.input.upload_id.clone();
        let answer = self.folder.complete_multipart_upload(request).await?;
        self.with(|behaviour| behaviour.uploads.retain(|(_, kept)| *kept != id));
        Ok(answer)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<dto::AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::AbortMultipartUploadOutput>> {
        if self.with(|behaviour| behaviour.refuse_abort) {
            return Err(s3_error!(InvalidRequest, "not now"));
        }
        let id = request.input.upload_id.clone();
        self.knows(&id)?;
        let answer = self.folder.abort_multipart_upload(request).await?;
        self.with(|behaviour| behaviour.uploads.retain(|(_, kept)| *kept != id));
        Ok(answer)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<dto::ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<dto::ListMultipartUploadsOutput>> {
        let prefix = request.input.prefix.unwrap_or_default();
        let uploads = self.with(|behaviour| {
            let kept = behaviour.uploads.iter().filter(|(key, _)| key.starts_with(&prefix));
            kept.map(|(key, id)| dto::MultipartUpload {
                key: Some(key.clone()),
                upload_id: Some(id.clone()),
                initiated: Some(long_ago()),
                ..Default::default()
            })
            .collect()
        });
        Ok(S3Response::new(dto::ListMultipartUploadsOutput {
            uploads: Some(uploads),
            is_truncated: Some(false),
            ..Default::default()
        }))
    }
}

impl Behaviour {
    fn keep_version(&mut self, key: String) -> String {
        let id = format!("version-{}", self.versions.len() + 1);
        self.versions.push((key, id.clone()));
        id
    }
}
