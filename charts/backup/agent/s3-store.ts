import { S3mini } from 's3mini';
import { byKey, type Store } from './store';

/** Bytes of a part: 10,000 of them are 160 GiB. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART = 16 * 2 ** 20;

/** How to reach a bucket. */
export interface Bucket {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A bucket of an S3-compatible store. Uploads larger than a part appear when their last part has arrived. */
export function s3Store({ endpoint, bucket, prefix, ...access }: Bucket): Store {
  const s3 = new S3mini({
    ...access,
    endpoint: `${endpoint.replace(/\/$/, '')}/${bucket}`,
    requestAbortTimeout: 120_000,
  });
  return {
    async list(begin) {
      const found = await s3.listObjects('/', prefix + begin);
      if (found === null) throw new Error(`the store has no bucket "${bucket}"`);
      return found
        .map(({ Key, Size, LastModified }) => ({
          key: Key.slice(prefix.length),
          size: Number(Size),
          written: new Date(LastModified).getTime(),
        }))
        .sort(byKey);
    },
    async put(key, data) {
      const name = prefix + key;
      const parts: { partNumber: number; etag: string }[] = [];
      let upload: string | undefined;
      let size = 0;
      try {
        for await (const { chunk, last } of inParts(data)) {
          size += chunk.length;
          if (last && upload === undefined) {
            await s3.putObject(name, chunk, 'application/octet-stream');
            return size;
          }
          upload ??= await s3.getMultipartUploadId(name, 'application/octet-stream');
          if (chunk.length > 0) parts.push(await s3.uploadPart(name, upload, chunk, parts.length + 1));
        }
        if (upload !== undefined) await s3.completeMultipartUpload(name, upload, parts);
        return size;
      } catch (error) {
        if (upload !== undefined) await s3.abortMultipartUpload(name, upload).catch(() => undefined);
        throw error;
      }
    },
    async get(key) {
      const answer = await s3.getObjectResponse(prefix + key);
      if (!answer?.body) throw new Error(`the store has no object ${key}`);
      return answer.body;
    },
    async remove(keys) {
      for (const key of keys) await s3.deleteObject(prefix + key);
    },
    // uploads that were begun and never completed are invisible; the bucket's lifecycle rule ends them
    async tidy() {},
  };
}

/** The data in pieces of a part's size, the last one smaller or empty. */
async function* inParts(data: AsyncIterable<Uint8Array>): AsyncGenerator<{ chunk: Buffer; last: boolean }> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of data) {
    held.push(bytes);
    size += bytes.length;
    while (size >= PART) {
      const all = Buffer.concat(held);
      yield { chunk: all.subarray(0, PART), last: false };
      held = [all.subarray(PART)];
      size -= PART;
    }
  }
  yield { chunk: Buffer.concat(held), last: true };
}
