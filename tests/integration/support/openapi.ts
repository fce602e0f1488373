import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

import type { Server } from './server.js';

interface Operation {
  responses: Record<string, { $ref?: string; content?: Record<string, unknown> }>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, object>>;
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Clients take what they do not know; a test does not. */
function close(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('properties' in node && !('additionalProperties' in node)) {
    Object.assign(node, { additionalProperties: false });
  }
  for (const child of Object.values(node)) close(child);
}

const escaped = (segment: string) => segment.replaceAll('~', '~0').replaceAll('/', '~1');

/** The server's own description of its interfaces, and what it says of an answer. */
export class Description {
  readonly document: Document;
  private readonly ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
  });

  private constructor(document: Document) {
    this.document = document;
    const closed = structuredClone(document);
    close(closed.components.schemas);
    addFormats.default(this.ajv);
    for (const name of ['openapi', 'info', 'servers', 'tags', 'paths', 'components']) {
      this.ajv.addKeyword(name);
    }
    this.ajv.addSchema(closed, 'description');
  }

  static async of(server: Server): Promise<Description> {
    return new Description((await (await server.fetch('/v1/openapi.json')).json()) as Document);
  }

  /** Fails unless `response` is one that the description has for `method` of `path`; its body. */
  // biome-ignore lint/suspicious/noExplicitAny: what JSON holds is what the test is about
  async check(method: string, path: string, response: Response): Promise<any> {
    const body = await response.json();
    const status = String(response.status);
    const type = response.headers.get('content-type') ?? '';
    let at = `#/paths/${escaped(path)}/${method}/responses/${status}`;
    const described = this.document.paths[path]?.[method]?.responses[status];
    expect(described, at).toBeDefined();
    at = described?.$ref ?? at;
    const validate = this.ajv.getSchema(`description${at}/content/${escaped(type)}/schema`);
    expect(validate, `${at} has no ${type}`).toBeDefined();
    validate?.(body);
    expect(validate?.errors ?? [], at).toEqual([]);
    return body;
  }
}
