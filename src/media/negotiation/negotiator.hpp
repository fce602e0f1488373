#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "media/negotiation/capabilities.hpp"
#include "media/negotiation/remote_description.hpp"
#include "media/sdp/session_description.hpp"

namespace vis::media::negotiation {

/// Who makes the offers of a peer connection; it is always the same side.
enum class Offerer : std::uint8_t {
  Client,  ///< A publisher of dual mode, single mode, WHIP, WHEP.
  Server,  ///< A subscriber of dual mode.
};

/// Structs that callers fill in have initializers throughout, so that any member can be left out.
struct LocalTransport {
  IceCredentials ice{};
  sdp::Fingerprint fingerprint{};  ///< Of our DTLS certificate, sha-256.
  std::vector<std::string>
      candidates{};  ///< `candidate:...`; may be empty where they are trickled.
  bool ice_lite = true;
};

struct DataChannelSettings {
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message_size = 262144;
};

struct Config {
  Offerer offerer = Offerer::Client;
  std::uint64_t session_id = 0;  ///< Of the `o=` line: random, below 2^63.
  LocalTransport transport{};
  /// Shared by all negotiators whose client may use everything: it is 4 kB.
  std::shared_ptr<const Capabilities> capabilities = Capabilities::shared_standard();
  /// Our DTLS role where the client leaves it open: a DTLS client may send a round trip earlier.
  sdp::Setup answer_setup = sdp::Setup::Active;
  DataChannelSettings data{};
  bool reuse_sections = true;  ///< False towards Safari: a section carries one track in its life.
};

/// A format that both sides agreed on. The payload types are those that go on the wire, the
/// feedback is what both sides named.
struct NegotiatedCodec {
  sdp::Codec codec;
  std::optional<std::uint8_t> rtx_payload_type;

  friend bool operator==(const NegotiatedCodec&, const NegotiatedCodec&) = default;
};

/// How one published track is to be answered. The default takes what the client offers, in the
/// client's order.
struct PublishPreferences {
  std::string codec{};           ///< To stand first: `video/vp9` or `vp9`. Empty: no preference.
  bool only_this_codec = false;  ///< Drop the others (Firefox on Linux and Android needs it).
  bool dtx = true;
  bool stereo = false;
  bool red = true;  ///< RED before opus; false takes RED out.

  friend bool operator==(const PublishPreferences&, const PublishPreferences&) = default;
};

/// A track that the client offers to send.
struct OfferedTrack {
  std::string mid;
  sdp::MediaKind kind = sdp::MediaKind::Audio;
  std::string stream_id;  ///< Empty for none.
  std::string track_id;   ///< The `cid` of LiveKit clients that keep it; empty for none.

  friend bool operator==(const OfferedTrack&, const OfferedTrack&) = default;
};

/// An offer that was found good. Valid for `answer` until the next answer of its negotiator.
struct Offer {
  sdp::SessionDescription description;
  RemoteTransport remote;
  bool ice_restart = false;  ///< `AnswerOptions::new_ice` must be given.
  std::vector<OfferedTrack> tracks;
  std::uint64_t revision = 0;  ///< The negotiator's, to catch a stale offer.
};

struct AnswerOptions {
  /// By mid of `Offer::tracks`. A section not named here keeps what it had for its track id.
  std::map<std::string, PublishPreferences> preferences{};
  std::optional<IceCredentials> new_ice{};
};

/// One encoding of a simulcast track; they stand lowest first.
struct SimulcastLayer {
  std::string rid;
  bool paused = false;  ///< The client starts with this one off.

  friend bool operator==(const SimulcastLayer&, const SimulcastLayer&) = default;
};

struct Source {
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc;

  friend bool operator==(const Source&, const Source&) = default;
};

/// A section in which the client may send.
struct ReceiveSection {
  std::string mid;
  sdp::MediaKind kind = sdp::MediaKind::Audio;
  bool active = false;  ///< False: the client sends no track here (any more), or we refused it.
  std::string stream_id;
  std::string track_id;
  std::vector<NegotiatedCodec> codecs;  ///< Preferred first; empty when none was acceptable.
  ExtensionIds extensions;
  std::vector<SimulcastLayer> layers;  ///< Empty without rids.
  std::vector<Source> sources;  ///< What the client declared; layers of a SIM group in order.

  friend bool operator==(const ReceiveSection&, const ReceiveSection&) = default;
};

/// A track to be sent to the client.
struct SendTrack {
  std::string track_sid{};
  std::string stream_id{};  ///< `<participant sid>|<track sid>`.
  sdp::MediaKind kind = sdp::MediaKind::Audio;
  sdp::Codec codec{};  ///< As published; its payload type and feedback do not matter.
  /// The section carries one track after another under these sources: every format that both sides
  /// have is agreed, and `codec` is not looked at.
  bool any_codec = false;
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc{};
  std::string cname{};
  bool stereo = false;
  bool red = false;  ///< Of opus: it may be sent in RED too, if the client has that.
};

enum class SendState : std::uint8_t {
  Waiting,   ///< For the next round, or for a section of the client's.
  Offered,   ///< In our offer, not answered yet.
  Sending,   ///< Agreed; media may flow.
  Rejected,  ///< The client cannot take this codec. Final: remove the track.
};

/// What became of a SendTrack. All but `track_sid` and `state` is meaningful while Sending.
struct SendSection {
  std::string track_sid;
  SendState state = SendState::Waiting;
  std::string mid;
  NegotiatedCodec codec;                ///< opus where the client took opus of the offered RED.
  std::vector<NegotiatedCodec> codecs;  ///< All that were agreed.
  ExtensionIds extensions;
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc;

  friend bool operator==(const SendSection&, const SendSection&) = default;
};

/// The result of one round of offer and answer. The lists hold what changed in it.
struct Negotiated {
  RemoteTransport remote;
  bool ice_restart = false;
  bool new_association = false;  ///< Fingerprint or DTLS role changed: DTLS starts afresh.
  std::optional<RemoteData> data;
  std::vector<ReceiveSection> received;
  std::vector<SendSection> sent;
};

struct Answer {
  std::string sdp;
  Negotiated negotiated;
};

/// Sections that the client should add, per kind. 0 and 0 asks for a new offer alone.
struct SectionsRequirement {
  std::size_t audios = 0;
  std::size_t videos = 0;

  friend bool operator==(const SectionsRequirement&, const SectionsRequirement&) = default;
};

/// The offer/answer state (RFC 9429) of one peer connection on the server's side: all sections in
/// one BUNDLE group over one ICE and DTLS transport. The order of sections and their mids never
/// change; a section that falls idle goes inactive and serves a later track of its kind.
///
/// Where the client offers: `check_offer`, then `answer`. A refused offer changes nothing. Tracks
/// to be sent go into recvonly sections of its offers; `take_sections_requirement` tells when the
/// client must offer again.
/// Where the server offers: `create_offer` when `needs_negotiation`, then `apply_answer`. One offer
/// is outstanding at a time; what changes meanwhile goes into the next one.
///
/// A section is given to another track only after the client has seen it inactive in between,
/// because browsers do not announce a track that changes under a running section.
///
/// Owned by its transport, on the thread of that. Pure: randomness and times come from the caller.
/// Limits: kSdp..., kSendTracks.
class Negotiator final {
 public:
  explicit Negotiator(Config config);

  // ---- the client offers ----
  Result<Offer> check_offer(std::string_view text) const;
  Answer answer(const Offer& offer, const AnswerOptions& options);
  /// What the client must be asked for, if anything; counts what was asked for since the last
  /// answer. Nothing before the first offer.
  std::optional<SectionsRequirement> take_sections_requirement();

  // ---- the server offers ----
  /// Whether there is something to offer and no offer is outstanding.
  bool needs_negotiation() const;
  /// Refused (FailedPrecondition) while an offer is outstanding.
  Result<std::string> create_offer();
  /// A refused answer changes nothing: the offer is still outstanding.
  Result<Negotiated> apply_answer(std::string_view text);
  /// New credentials for the next offer; an outstanding offer is forgotten, with its answer.
  void restart_ice(IceCredentials credentials);
  bool offer_outstanding() const { return offered_.has_value(); }

  // ---- tracks to be sent ----
  Result<void> add_send_track(SendTrack track);
  void remove_send_track(std::string_view track_sid);
  std::optional<SendSection> send_section(std::string_view track_sid) const;

  /// Mid to track sid of every section that our last description sends on.
  std::map<std::string, std::string> mid_to_track_id() const;

 private:
  struct Section {
    std::string mid;
    sdp::MediaKind kind = sdp::MediaKind::Audio;
    bool rejected = false;         ///< Port 0 in the last description.
    bool client_receives = false;  ///< The client's last offer could take a track here.
    bool idle = true;              ///< The client has seen it without a track of ours.
    bool used = false;             ///< It has carried a track of ours.
    std::string track_sid;         ///< The track of ours that it carries.
    std::string publish_track_id;  ///< The client's track that `preferences` belong to.
    PublishPreferences preferences;
    std::vector<sdp::Codec> codecs;  ///< Of our last description.
    ReceiveSection received;
    ReceiveSection reported;  ///< What the caller knows.

    Section(std::string section_mid, sdp::MediaKind section_kind);
    /// What is reported of a section in which the client sends nothing.
    ReceiveSection silent() const;
  };
  struct Track {
    SendTrack track;
    SendSection section;
    SendSection reported;  ///< What the caller knows.

    explicit Track(SendTrack sent);
    /// Back to the queue for a section.
    void wait();
  };
  /// What an answer must agree with.
  struct LocalOffer {
    sdp::SessionDescription description;
    bool ice_restart = false;
  };

  // negotiator.cpp
  bool is_free(const Section& section) const;
  Track* find_track(std::string_view track_sid);
  Section* find_free(sdp::MediaKind kind);
  sdp::SessionDescription start_description();
  sdp::MediaSection start_section(const Section& section, sdp::Setup setup) const;
  void bundle(sdp::SessionDescription& description, std::vector<std::string> mids) const;
  void carry(Section& section, Track& track);
  void release(Section& section);
  RemoteData read_data(const sdp::MediaSection& section) const;
  Negotiated finish_round(RemoteTransport remote);

  // client_offers.cpp
  Result<void> check_order(const sdp::SessionDescription& offer) const;
  sdp::Setup answered_setup(sdp::Setup offered) const;
  void meet(const sdp::MediaSection& offered, Section& section, const AnswerOptions& options);
  void release_lost(const sdp::SessionDescription& offer);
  void place_tracks(const sdp::SessionDescription& offer);
  sdp::MediaSection answer_section(Section& section, const sdp::MediaSection& offered,
                                   sdp::Setup setup);
  void answer_data(const sdp::MediaSection& offered, sdp::MediaSection& local);
  void answer_published(Section& section, const sdp::MediaSection& offered,
                        sdp::MediaSection& local);
  void answer_receiving(Section& section, const sdp::MediaSection& offered,
                        sdp::MediaSection& local);
  std::size_t sections_short(sdp::MediaKind kind) const;

  // server_offers.cpp
  void place_tracks();
  sdp::MediaSection offer_section(Section& section);
  Result<TransportReading> check_answer(const sdp::SessionDescription& answer) const;
  void settle(Section& section, const sdp::MediaSection& offered,
              const sdp::MediaSection& answered);

  Config config_;
  std::uint64_t version_ = 0;   ///< Of the `o=` line.
  std::uint64_t revision_ = 0;  ///< Finished rounds.
  bool dirty_ = false;          ///< Our last description is out of date.
  bool ice_restart_ = false;    ///< The next offer has new credentials.
  std::vector<Section> sections_;
  std::vector<Track> tracks_;
  std::optional<RemoteTransport> remote_;
  std::optional<RemoteData> data_;
  std::optional<LocalOffer> offered_;
  std::optional<SectionsRequirement> asked_;
};

}  // namespace vis::media::negotiation
