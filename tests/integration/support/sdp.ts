/** The few lines of SDP that a client without media needs to negotiate. */

export interface Section {
  kind: 'audio' | 'video' | 'data';
  direction?: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
  /** Of the track that is sent; it becomes the msid. */
  cid?: string;
  /** Lower case names, best first. */
  codecs?: string[];
  /** A port of zero: the section is refused. */
  rejected?: boolean;
}

const CODECS: Record<string, { rtpmap: string; type: number; fmtp?: string }> = {
  opus: { rtpmap: 'opus/48000/2', type: 111, fmtp: 'minptime=10;useinbandfec=1' },
  vp8: { rtpmap: 'VP8/90000', type: 96 },
  h264: {
    rtpmap: 'H264/90000',
    type: 125,
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  },
};

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');

const HEAD = ['v=0', 'o=- 4215775240449105457 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];

function transportLines(setup: string): string[] {
  return [
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    `a=setup:${setup}`,
  ];
}

function mediaLines(section: Section, mid: number, setup: string): string[] {
  const codecs = section.codecs ?? (section.kind === 'audio' ? ['opus'] : ['vp8', 'h264']);
  const known = codecs.map((name) => {
    const codec = CODECS[name];
    if (!codec) throw new Error(`no codec ${name}`);
    return codec;
  });
  const port = section.rejected ? 0 : 9;
  const data = section.kind === 'data';
  const formats = data ? 'webrtc-datachannel' : known.map(({ type }) => type).join(' ');
  const lines = [
    data
      ? `m=application ${port} UDP/DTLS/SCTP ${formats}`
      : `m=${section.kind} ${port} UDP/TLS/RTP/SAVPF ${formats}`,
    'c=IN IP4 0.0.0.0',
    ...transportLines(setup),
    `a=mid:${mid}`,
  ];
  if (data) return [...lines, 'a=sctp-port:5000', 'a=max-message-size:262144'];
  lines.push(`a=${section.direction ?? 'recvonly'}`, 'a=rtcp-mux', 'a=rtcp-rsize');
  if (section.cid) lines.push(`a=msid:- ${section.cid}`);
  for (const codec of known) {
    lines.push(`a=rtpmap:${codec.type} ${codec.rtpmap}`);
    if (codec.fmtp) lines.push(`a=fmtp:${codec.type} ${codec.fmtp}`);
    if (section.kind === 'video') lines.push(`a=rtcp-fb:${codec.type} nack pli`);
  }
  return lines;
}

/** A description with these sections; their mids are 0, 1, 2 ... */
export function describeSession(sections: Section[], setup = 'actpass'): string {
  const lines = [
    ...HEAD,
    `a=group:BUNDLE ${sections.map((_, mid) => mid).join(' ')}`,
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    ...sections.flatMap((section, mid) => mediaLines(section, mid, setup)),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The sections of a description, each as its lines. */
export function sectionsOf(sdp: string): string[][] {
  const sections: string[][] = [];
  for (const line of sdp.split('\r\n')) {
    if (line.startsWith('m=')) sections.push([line]);
    else if (line !== '') sections.at(-1)?.push(line);
  }
  return sections;
}

export const midOf = (section: string[]) => textAfter(section, 'a=mid:');
export const msidOf = (section: string[]) => textAfter(section, 'a=msid:');

/** The names of the codecs of a section, lower case, in the order of its m-line. */
export function codecsOf(section: string[]): string[] {
  const formats = section[0]?.split(' ').slice(3) ?? [];
  return formats.flatMap((format) => {
    const line = section.find((each) => each.startsWith(`a=rtpmap:${format} `));
    return line ? [(line.split(' ')[1] ?? '').split('/')[0]?.toLowerCase() ?? ''] : [];
  });
}

function textAfter(section: string[], prefix: string): string | undefined {
  return section.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

/** An answer to the server's offer which takes only these codecs, each as it was offered. */
export function answerTo(offer: string, codecs: string[]): string {
  const sections = sectionsOf(offer);
  const answers = sections.map((section) => answerLines(section, codecs));
  const taken = answers.filter(([media]) => media?.split(' ')[1] !== '0');
  const bundle = `a=group:BUNDLE ${taken.map(midOf).join(' ')}`;
  const lines = [...HEAD, bundle, ...answers.flat()];
  return `${lines.join('\r\n')}\r\n`;
}

function answerLines(offered: string[], codecs: string[]): string[] {
  const [media = '', , protocol = '', ...formats] = offered[0]?.split(' ') ?? [];
  const data = media === 'm=application';
  const taken = formats.filter((format) => {
    const name = offered.find((line) => line.startsWith(`a=rtpmap:${format} `))?.split(/[ /]/)[1];
    return codecs.includes(name?.toLowerCase() ?? '');
  });
  const refused = !data && taken.length === 0;
  const inactive = refused || offered.includes('a=inactive');
  const kept = offered.filter((line) => {
    const format = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1];
    return line.startsWith('a=mid:') || (format !== undefined && taken.includes(format));
  });
  return [
    [media, refused ? 0 : 9, protocol, ...(data || refused ? formats : taken)].join(' '),
    'c=IN IP4 0.0.0.0',
    ...transportLines('active'),
    ...kept,
    ...(data
      ? ['a=sctp-port:5000', 'a=max-message-size:262144']
      : [inactive ? 'a=inactive' : 'a=recvonly', 'a=rtcp-mux']),
  ];
}
