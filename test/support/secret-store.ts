import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenOnAnyPort } from './tcp-proxy.ts';

export interface SecretRequest {
  /** `secretsmanager.GetSecretValue` or `AmazonSSM.GetParameter`. */
  target: string;
  /** Name or ARN, as it was asked for. */
  id: string;
  /** Of the credential scope: where the client believes it is. */
  region: string;
}

/** What is kept under a name: a text, bytes, or the error that asking for it gets. */
export type Kept = string | Buffer | { status: number; error: string; message?: string };

/** Secrets Manager and the parameters of Systems Manager, as far as reading one value goes. */
export interface SecretStore {
  url: string;
  requests: SecretRequest[];
  /** By name; what is not here is not found. Tests change it. */
  kept: Map<string, Kept>;
  close(): Promise<void>;
}

export async function startSecretStore(): Promise<SecretStore> {
  const requests: SecretRequest[] = [];
  const kept = new Map<string, Kept>();

  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const input = (await json(request)) as Record<string, unknown>;
    const isParameter = target === 'AmazonSSM.GetParameter';
    const id = String(isParameter ? input.Name : input.SecretId);
    const [, region = ''] =
      /Credential=\w+\/\d+\/([\w-]+)\//.exec(request.headers.authorization ?? '') ?? [];
    requests.push({ target, id, region });
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };

    const found = kept.get(id);
    if (found === undefined) {
      const error = isParameter ? 'ParameterNotFound' : 'ResourceNotFoundException';
      answer(400, { __type: error, message: `cannot find ${id}` });
    } else if (typeof found === 'object' && 'error' in found) {
      answer(found.status, { __type: found.error, message: found.message ?? `about ${id}` });
    } else if (isParameter) {
      // Without decryption a SecureString is its ciphertext.
      const value = input.WithDecryption === true ? String(found) : 'AQICAHh-ciphertext';
      answer(200, { Parameter: { Name: id, Type: 'SecureString', Value: value } });
    } else {
      answer(200, {
        Name: id,
        ...(typeof found === 'string'
          ? { SecretString: found }
          : { SecretBinary: found.toString('base64') }),
      });
    }
  });
  const port = await listenOnAnyPort(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    kept,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
