#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "load/delays.hpp"
#include "load/wire.hpp"
#include "support/rtc/client_peer.hpp"

namespace vis::bench {

/// The media of one publisher: what a camera and a microphone give, in packets.
struct Stream {
  static constexpr Duration kFrameInterval = 33'333us;
  static constexpr std::size_t kPacketsPerFrame = 5;
  static constexpr std::size_t kVideoPayloadBytes = 1150;
  static constexpr Duration kAudioInterval = 20ms;
  static constexpr std::size_t kAudioPayloadBytes = 80;
  static constexpr std::size_t kSources = 2;
};

/// One peer connection of a participant. It counts what it is sent, and reports on it as every real
/// client would (receiver reports, transport-wide feedback), by the headers, which are in the
/// clear; only a witness also decrypts it and notes how long it was under way.
class Client final : public media::sfu::EgressSink {
 public:
  enum class Role : std::uint8_t { Sender, Receiver, Witness };
  struct Parts {
    Wire& wire;
    RandomSource& random;
    media::srtp::Crypto& crypto;
    Delays& delays;
  };
  struct Description {
    Role role = Role::Receiver;
    bool plays = false;  ///< A receiver that offers, as WHEP has it.
  };
  Client(std::size_t index, const Description& description, const Parts& parts);

  void send(std::span<const media::sfu::EgressRun> runs) override { wire_.send(index_, runs); }

  struct Arrival {
    SocketAddress from;
    std::uint64_t at_ns = 0;  ///< By realtime_ns().
    TimePoint at{};           ///< The same moment.
  };
  void on_datagram(TimePoint now, MutableBytes datagram, const Arrival& arrival);
  void tick(TimePoint now);
  void send_frame(TimePoint now);
  void send_sound(TimePoint now);

  /// The server's description, of either kind; answers an offer with ours, and an answer with
  /// nothing.
  std::string describe(TimePoint now, bool is_offer, const std::string& sdp);
  /// May come before the description.
  void add_candidate(TimePoint now, const std::string& candidate);

  test::ClientPeer& peer() { return peer_; }
  std::uint64_t packets() const { return packets_; }
  std::size_t sources() const { return sources_.size(); }

 private:
  void note_delay(Bytes payload);

  std::size_t index_;
  Role role_;
  Wire& wire_;
  Delays& delays_;
  std::uint64_t arrived_ns_ = 0;  ///< What is being handled.
  test::ClientPeer peer_;
  std::vector<std::uint32_t> sources_;  ///< That RTP has come from.
  std::uint64_t packets_ = 0;
  bool described_ = false;
  std::vector<std::string> early_candidates_;
};

}  // namespace vis::bench
