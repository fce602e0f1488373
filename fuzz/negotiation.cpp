#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "media/negotiation/negotiator.hpp"

namespace {

using namespace vis::media;
using negotiation::IceCredentials;
using negotiation::Negotiator;
using negotiation::Offerer;

Negotiator negotiator(Offerer offerer) {
  negotiation::Config config;
  config.offerer = offerer;
  config.transport.ice = {"srvu", "serverpasswordserverpassword"};
  config.transport.fingerprint = {"sha-256", "AB:CD"};
  return Negotiator(std::move(config));
}

void add_track(Negotiator& to, std::string_view sid, sdp::MediaKind kind, std::string_view codec) {
  negotiation::SendTrack track;
  track.track_sid = sid;
  track.stream_id = "PA_x|TR_y";
  track.cname = "PA_x|TR_y";
  track.kind = kind;
  track.codec.name = codec;
  track.codec.clock_rate = kind == sdp::MediaKind::Audio ? 48000 : 90000;
  track.codec.channels = kind == sdp::MediaKind::Audio ? 2 : 1;
  track.rtx_ssrc = 2;
  VIS_ASSERT(to.add_send_track(track));
}

/// Offers one after the other, separated by an empty line.
void take_offers(std::string_view text) {
  Negotiator peer = negotiator(Offerer::Client);
  add_track(peer, "TR_a", sdp::MediaKind::Audio, "opus");
  add_track(peer, "TR_v", sdp::MediaKind::Video, "VP8");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    const auto offer = peer.check_offer(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!offer) continue;
    negotiation::AnswerOptions options;
    if (offer->ice_restart)
      options.new_ice = IceCredentials{"srv2", "serverpasswordserverpassword"};
    const auto answer = peer.answer(*offer, options);
    VIS_ASSERT(sdp::SessionDescription::parse(answer.sdp));
    peer.take_sections_requirement();
  }
}

void take_answer(std::string_view text) {
  Negotiator peer = negotiator(Offerer::Server);
  add_track(peer, "TR_a", sdp::MediaKind::Audio, "red");
  add_track(peer, "TR_v", sdp::MediaKind::Video, "VP8");
  VIS_ASSERT(peer.create_offer());
  if (!peer.apply_answer(text)) return;
  peer.remove_send_track("TR_a");
  const auto next = peer.create_offer();
  VIS_ASSERT(next && sdp::SessionDescription::parse(*next));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = vis::as_text({data, size});
  take_offers(text);
  take_answer(text);
  return 0;
}
