/**
 * Peer connections that can reach the server by one way alone, as if a firewall closed the others,
 * and that tell by which they did.
 */

/** `any` closes nothing. */
export type Way = 'any' | 'ice-tcp' | 'turn-udp' | 'turn-tcp' | 'turn-tls';

/** How the connections of a page reach the server: by its transport, or the relay's. */
export interface Path {
  local: string;
  protocol: string;
}

const made: RTCPeerConnection[] = [];

function urlsOf(way: Way, server: RTCIceServer): RTCIceServer {
  const urls = [server.urls].flat().filter((url) => {
    if (way === 'turn-tls') return url.startsWith('turns:');
    return url.startsWith('turn:') && url.includes(`transport=${way.slice('turn-'.length)}`);
  });
  return { ...server, urls };
}

function narrow(way: Way, config: RTCConfiguration = {}): RTCConfiguration {
  if (way === 'any') return config;
  const iceServers = (config.iceServers ?? [])
    .map((server) => urlsOf(way, server))
    .filter((server) => server.urls.length > 0);
  if (way === 'ice-tcp') return { ...config, iceServers };
  return { ...config, iceServers, iceTransportPolicy: 'relay' };
}

const isUdp = (candidate: string) => / udp /i.test(candidate);

export function takeOneWay(way: Way): void {
  class OneWay extends RTCPeerConnection {
    constructor(config?: RTCConfiguration) {
      super(narrow(way, config));
      made.push(this);
    }

    override setConfiguration(config: RTCConfiguration): void {
      super.setConfiguration(narrow(way, config));
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      if (way === 'ice-tcp' && isUdp(candidate?.candidate ?? '')) return;
      await super.addIceCandidate(candidate ?? undefined);
    }

    override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const lines = (description.sdp ?? '').split('\r\n');
      const kept = lines.filter(
        (line) => way !== 'ice-tcp' || !line.startsWith('a=candidate:') || !isUdp(line),
      );
      await super.setRemoteDescription({ type: description.type, sdp: kept.join('\r\n') });
    }
  }
  window.RTCPeerConnection = OneWay;
}

/** The paths in use, one for each connection that has one. */
export async function pathsInUse(): Promise<Path[]> {
  const paths: Path[] = [];
  for (const connection of made) {
    if (connection.connectionState !== 'connected') continue;
    const rows = [...(await connection.getStats()).values()] as Record<string, string>[];
    const transport = rows.find((row) => row.type === 'transport');
    const pair = rows.find((row) => row.id === transport?.selectedCandidatePairId);
    const local = rows.find((row) => row.id === pair?.localCandidateId);
    if (!local) continue;
    paths.push({
      local: String(local.candidateType),
      protocol: String(local.relayProtocol ?? local.protocol),
    });
  }
  return paths;
}
