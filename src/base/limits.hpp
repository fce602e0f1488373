#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.hpp"

/// Everything that the network can grow, and how far. Each limit has a test at the limit and one
/// past it. Grouped by the folder that enforces it.
namespace vis::limits {

// ---- text that people or integrators choose ----
inline constexpr std::size_t kNameBytes = 256;
inline constexpr std::size_t kIdentityBytes = 256;
inline constexpr std::size_t kRoomNameBytes = 256;
inline constexpr std::size_t kMetadataBytes = 512 * 1024;
inline constexpr std::size_t kAttributesBytes = 64 * 1024;

// ---- media/sfu ----
/// Sources that one client may send from at once: tracks, layers and their retransmissions. As many
/// that send control packets are remembered.
inline constexpr std::size_t kInboundStreams = 128;
// ---- base ----
inline constexpr std::size_t kPendingJobs = 1024;  ///< Jobs that wait for a blocking pool.

// ---- core/events ----
inline constexpr std::size_t kEventsPerRead = 256;
inline constexpr std::size_t kLogReaderBytes = 512;  ///< The name of a reader of the event log.

// ---- core/projects ----
inline constexpr std::size_t kProjectIdBytes = 40;
inline constexpr std::size_t kApiKeyIdBytes = 64;
inline constexpr std::size_t kApiSecretBytes = 256;
inline constexpr std::size_t kActiveKeysPerProject = 20;

// ---- core/rooms ----
inline constexpr std::size_t kRoomsPerRead = 256;

// ---- storage ----
inline constexpr std::size_t kPendingCommits = 4096;  ///< Commits that wait for the writer.
inline constexpr std::size_t kPendingCommitBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kCommitsPerGroup = 128;  ///< Commits in one transaction.

// ---- media_io ----
inline constexpr std::size_t kRooms = 100'000;
inline constexpr std::size_t kWorkerMailbox = 64 * 1024;
inline constexpr std::size_t kDataMailbox = 64 * 1024;
// ---- media/stun ----
inline constexpr std::size_t kStunUsernameBytes = 513;    ///< RFC 8489 section 14.3.
inline constexpr std::size_t kStunUnknownAttributes = 8;  ///< Named in a 420 answer; more are not.
// ---- media/sdp ----
/// A browser in single mode repeats about 4.5 kB for each section it ever opened.
inline constexpr std::size_t kSdpBytes = 1024 * 1024;
inline constexpr std::size_t kSdpLineBytes = 4096;
inline constexpr std::size_t kSdpSections = 200;
/// Payload types are 7 bits wide.
inline constexpr std::size_t kSdpPayloadTypes = 128;
/// How often one attribute may come in one section, or one list inside an attribute go on.
inline constexpr std::size_t kSdpRepeats = 128;
/// Kinds of RTCP feedback for one payload type; `*` repeats a line for each of them.
inline constexpr std::size_t kSdpFeedback = 16;
/// A mid or rid; both must also fit a header extension.
inline constexpr std::size_t kSdpTokenBytes = 64;

// ---- media/negotiation ----
/// Tracks that one peer connection may be sent; leaves room for the data section and a few others.
inline constexpr std::size_t kSendTracks = 190;
/// Further layers that a client offers are not taken.
inline constexpr std::size_t kSimulcastLayers = 4;
// ---- media/rtcp ----
/// Packets that one transport feedback message may report; a few bytes can announce 65 535.
inline constexpr std::size_t kTransportFeedbackStatuses = 8192;

// ---- media/rtp ----
/// An outgoing RTP header with its extensions; elements that would pass it are left out. Room for
/// a dependency descriptor with its structure, the largest of them.
inline constexpr std::size_t kOutgoingHeaderBytes = 320;
/// Encodings in one RED payload: the primary and those it repeats.
inline constexpr std::size_t kRedBlocks = 10;
/// The dependency descriptor's own ranges, but for spatial layers, of which it allows four.
inline constexpr std::size_t kDependencyTemplates = 64;
inline constexpr std::size_t kDecodeTargets = 32;
inline constexpr std::size_t kSpatialLayers = 4;
inline constexpr std::size_t kTemporalLayers = 8;
/// Packets of one received stream that may be missing at once; beyond it a key frame is cheaper.
inline constexpr std::size_t kNackedPackets = 512;
/// Transport-wide sequence numbers that are remembered until they are reported. A power of two.
inline constexpr std::size_t kTransportFeedbackWindow = 1024;

// ---- media/congestion ----
/// Packets that one subscriber's transport may have sent before feedback on them comes: a second of
/// 10 Mbit/s. A power of two.
inline constexpr std::size_t kSentPacketHistory = 1024;
/// Read of one subscriber; browsers send about 20, and more tell nothing new.
inline constexpr std::size_t kTransportFeedbacksPerSecond = 100;

// ---- media/ice ----
inline constexpr std::size_t kIceUfragBytes = 256;      ///< RFC 8839 section 5.4.
inline constexpr std::size_t kIcePasswordBytes = 256;   ///< RFC 8839 section 5.4.
inline constexpr std::size_t kIceCandidateBytes = 512;  ///< One `candidate:` line.
inline constexpr std::size_t kIceLocalCandidates = 8;
inline constexpr std::size_t kIceRemoteCandidates = 32;
inline constexpr std::size_t kIceCandidatePairs = 64;
inline constexpr std::size_t kIceEarlyChecks = 8;      ///< Kept until the peer's description comes.
inline constexpr std::size_t kIceRecentRequests = 32;  ///< Remembered to recognise replays.
// ---- media/srtp ----
/// RFC 3711 section 3.3.2 asks for at least 64; video at high rates reorders over more.
inline constexpr std::size_t kSrtpReplayWindow = 1024;
inline constexpr std::size_t kSrtcpReplayWindow = 128;
/// How far behind the newest packet of a stream another may still be sent for the first time.
inline constexpr std::size_t kSrtpSentWindow = 1024;
/// AES-CM packets that wait for their tags: two rounds of the widest vector unit.
inline constexpr std::size_t kSrtpPendingTags = 32;

// ---- media/dtls ----
inline constexpr std::size_t kDtlsHandshakeBytes = 64 * 1024;  ///< Read before the handshake ends.
inline constexpr std::size_t kDtlsEarlyRecords = 16;           ///< Encrypted ones, before it ends.
inline constexpr std::size_t kDtlsHandshakeAttempts = 4;       ///< Of a server, until it gives up.
inline constexpr std::size_t kDtlsCertificateBytes = 8 * 1024;
inline constexpr std::size_t kDtlsFingerprints = 8;
/// What we send at once: a record adds up to 37 bytes, and a datagram has 1200.
inline constexpr std::size_t kDtlsApplicationBytes = 1163;

// ---- media/sctp ----
/// One data channel message, as max-message-size promises in SDP.
inline constexpr std::size_t kSctpMessageBytes = 262144;
/// Pieces of messages that are not complete yet, of one association.
inline constexpr std::size_t kSctpReassemblyBytes = 4 * kSctpMessageBytes;
/// What waits in front of SCTP, of one association; SCTP itself holds up to kSctpSendBuffer more.
inline constexpr std::size_t kSctpQueueBytes = 1024 * 1024;
inline constexpr std::size_t kSctpSendBuffer = 2 * kSctpMessageBytes;
inline constexpr std::size_t kDataChannels = 64;
inline constexpr std::size_t kDataChannelLabelBytes = 256;
// ---- http ----
inline constexpr std::size_t kHttpHeaderBytes = 32 * 1024;  ///< Request line included.
inline constexpr std::size_t kHttpHeaderFields = 100;
inline constexpr std::size_t kHttpPathSegments = 64;
inline constexpr std::size_t kHttpParameters = 256;
inline constexpr std::size_t kHttpBodyBytes = 10 * 1024 * 1024;
inline constexpr std::size_t kHttpBodiesInFlightBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kHttpConnections = 8192;
inline constexpr std::size_t kJsonBytes = 1024 * 1024;
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kWebSocketMessageBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kWebSocketQueueBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kWebSocketQueueMessages = 4096;
inline constexpr std::size_t kStaticFiles = 10'000;
inline constexpr std::size_t kStaticFileBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kStaticCacheBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kHttpClientRequests = 1024;
inline constexpr std::size_t kHttpClientResponseBytes = 64 * 1024;
inline constexpr std::size_t kPendingTracks = 20;      ///< Announced, not negotiated, of one.
inline constexpr std::size_t kQueuedTracksPerCid = 3;  ///< Waiting for the same media track.
inline constexpr std::size_t kTracksPerParticipant = 100;
inline constexpr std::size_t kTrackCodecs = 4;              ///< Of one track.
inline constexpr std::size_t kAudioFeatures = 32;           ///< Of one track.
inline constexpr std::size_t kUnknownTrackWishes = 200;     ///< Of one subscriber, remembered.
inline constexpr std::size_t kPermissionGrants = 2000;      ///< Subscribers that a publisher names.
inline constexpr std::size_t kPermissionTracks = 10000;     ///< Tracks that it names with them.
inline constexpr std::size_t kBacklogBytes = 100 * 1000;    ///< Reliable data kept for a newcomer.
inline constexpr std::size_t kDeparturesRemembered = 1000;  ///< Of one room, for those who resume.

// ---- api/livekit ----
/// A `join_request` of /rtc/v1 after inflation.
inline constexpr std::size_t kJoinRequestBytes = 1024 * 1024;
/// Named by one request of a client; each may be answered with a message of its own.
inline constexpr std::size_t kTracksPerRequest = 2000;
inline constexpr std::size_t kClientCapabilities = 32;  ///< Of one client, mirrored to the others.
inline constexpr std::size_t kNoncesRemembered = 100;   ///< Of one sender's data packets.
inline constexpr std::size_t kServerNoncesRemembered = 1000;  ///< Of the server API's packets.
inline constexpr std::size_t kDataDestinations = 1000;        ///< Named by one data packet.
inline constexpr std::size_t kRpcPayloadBytes = 15360;        ///< Of a server's remote call.
inline constexpr std::size_t kPendingRpcCalls = 1000;         ///< Server's calls without an answer.
inline constexpr std::size_t kSimulatedDrops = 64;  ///< Sessions whose next resume shall fail.
/// Events that one webhook endpoint may have in memory, delivered or waiting.
inline constexpr std::size_t kWebhookWindow = 1024;
inline constexpr std::size_t kWebhookRequests = 16;  ///< At once, to one endpoint.

// ---- api/v1 ----
inline constexpr std::size_t kMeetRoomCharacters = 64;
inline constexpr std::size_t kMeetRequestBytes = 4096;
inline constexpr std::uint32_t kMeetTokensAtOnce = 20;  ///< Of one client address, ...
inline constexpr Duration kMeetTokenInterval = 3s;      ///< ... then one each.
inline constexpr std::size_t kMeetAddresses = 10'000;   ///< Whose use is remembered.

}  // namespace vis::limits
