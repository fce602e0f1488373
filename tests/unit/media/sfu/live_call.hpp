#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "support/rtc/simulation.hpp"

/// A call that is up while something happens beside it, and must not notice.
namespace vis::media::sfu::test {

using vis::test::ClientPeer;
using vis::test::LinkOptions;
using vis::test::PeerLayer;
using vis::test::PeerStream;
using vis::test::PeerTrack;
using vis::test::PlainPacket;
using vis::test::Simulation;

PeerTrack camera(const std::string& cid, std::uint32_t ssrc, const std::string& codec = "VP8");
/// Three layers, whose sources are every second number from `ssrc` on.
PeerTrack simulcast_camera(const std::string& cid, std::uint32_t ssrc);
PeerTrack microphone(const std::string& cid, std::uint32_t ssrc);

/// One publisher with a camera and a microphone, and one subscriber of both; three video packets
/// every 40 ms and an audio packet every 20 ms while time passes. Up and flowing once constructed.
class LiveCall final {
 public:
  struct Options {
    Simulation::Options network{};
    bool ice_lite = true;
    bool gcm = true;
  };
  explicit LiveCall(std::uint64_t seed) : LiveCall(seed, Options{}) {}
  LiveCall(std::uint64_t seed, const Options& options);

  static constexpr Duration kTick = 20ms;
  /// Media goes on for that long; `beside` runs in every tick.
  void run_for(Duration duration, const std::function<void()>& beside = {});
  /// Asserts that everything the publisher has sent since the construction reached the subscriber,
  /// once, unchanged and in order, and that both stayed connected.
  void expect_undisturbed();

  std::uint32_t video_ssrc() const { return video_ssrc_; }
  std::uint32_t audio_ssrc() const { return audio_ssrc_; }

  Simulation simulation;
  Simulation::Peer& publisher;
  Simulation::Peer& subscriber;

 private:
  static constexpr std::size_t kPacketsPerFrame = 3;
  static constexpr std::size_t kVideoBytes = 1000;

  void send_media();
  void expect_received(std::uint32_t ssrc, std::uint64_t packets) const;

  std::uint32_t video_ssrc_ = 0;  ///< As the subscriber sees them.
  std::uint32_t audio_ssrc_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint64_t sent_video_ = 0;
  std::uint64_t sent_audio_ = 0;
  std::uint64_t spoilt_ = 0;  ///< Packets that arrived with another content than was sent.
};

}  // namespace vis::media::sfu::test
