#include "load/client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/byte_order.hpp"
#include "base/clock.hpp"
#include "media/rtcp/compound.hpp"
#include "media/rtp/packet.hpp"

namespace vis::bench {
namespace {

constexpr std::size_t kQueueBytes = std::size_t{32} * 1024;
constexpr std::size_t kAudioTrack = 0;
constexpr std::size_t kVideoTrack = 1;
constexpr std::uint8_t kSpeaking = 20;

bool is_rtp(Bytes datagram) {
  return datagram.size() >= 12 && datagram[0] >> 6 == 2 && !media::rtcp::is_rtcp(datagram);
}

}  // namespace

Client::Client(std::size_t index, const Description& description, const Parts& parts)
    : index_(index),
      role_(description.role),
      wire_(parts.wire),
      delays_(parts.delays),
      peer_({.address = parts.wire.address_of(index),
             .offers = role_ == Role::Sender || description.plays,
             .plays = description.plays,
             .asks_retransmission = false,
             .retransmits = false,
             .certified_at = wall_now(),
             .send_buffer_bytes = kQueueBytes,
             .stamp = &realtime_ns},
            parts.random, parts.crypto, *this) {
  peer_.on_media = [this](std::uint32_t, Bytes payload) { note_delay(payload); };
  if (role_ != Role::Sender && !description.plays) return;
  const auto ssrc = static_cast<std::uint32_t>(1 + index * 4);
  peer_.add_track({.cid = "audio",
                   .kind = media::sdp::MediaKind::Audio,
                   .codec = "opus",
                   .layers = {{.rid = "", .ssrc = ssrc, .rtx_ssrc = 0}}});
  peer_.add_track({.cid = "video",
                   .kind = media::sdp::MediaKind::Video,
                   .codec = "VP8",
                   .layers = {{.rid = "", .ssrc = ssrc + 1, .rtx_ssrc = ssrc + 2}}});
}

void Client::note_delay(Bytes payload) {
  constexpr std::size_t kStamp = sizeof(std::uint64_t);
  if (payload.size() < kStamp) return;
  const auto sent_ns = load_be<std::uint64_t>(payload.last(kStamp).data());
  if (sent_ns < arrived_ns_) delays_.add(Duration{arrived_ns_ - sent_ns});
}

void Client::on_datagram(TimePoint now, MutableBytes datagram, const Arrival& arrival) {
  if (!is_rtp(datagram)) {
    peer_.on_datagram(now, datagram, arrival.from);
    return peer_.flush();
  }
  const auto header = media::rtp::Header::parse(datagram);
  if (!header) return;
  if (role_ == Role::Witness) {
    arrived_ns_ = arrival.at_ns;
    peer_.on_datagram(arrival.at, datagram, arrival.from);
  } else {
    peer_.note_packet(arrival.at, *header);
  }
  if (!peer_.is_media(*header)) return;
  ++packets_;
  if (std::ranges::find(sources_, header->ssrc) == sources_.end()) {
    sources_.push_back(header->ssrc);
  }
}

void Client::tick(TimePoint now) {
  const auto due = peer_.next_deadline();
  if (!due || *due > now) return;
  peer_.on_deadline(now);
  peer_.flush();
}

void Client::send_frame(TimePoint now) {
  peer_.send_video_frame(now, kVideoTrack, Stream::kPacketsPerFrame, Stream::kVideoPayloadBytes);
  peer_.flush();
}

void Client::send_sound(TimePoint now) {
  peer_.send_audio_packet(now, kAudioTrack, kSpeaking, Stream::kAudioPayloadBytes);
  peer_.flush();
}

std::string Client::describe(TimePoint now, bool is_offer, const std::string& sdp) {
  std::string answer;
  if (is_offer) {
    auto made = peer_.answer(now, sdp);
    if (!made) throw std::runtime_error("the server's offer: " + made.error().message);
    answer = *std::move(made);
  } else if (auto applied = peer_.apply_answer(now, sdp); !applied) {
    throw std::runtime_error("the server's answer: " + applied.error().message);
  }
  described_ = true;
  for (const std::string& candidate : std::exchange(early_candidates_, {})) {
    peer_.add_candidate(now, candidate);
  }
  peer_.flush();
  return answer;
}

void Client::add_candidate(TimePoint now, const std::string& candidate) {
  if (!described_) return early_candidates_.push_back(candidate);
  peer_.add_candidate(now, candidate);
  peer_.flush();
}

}  // namespace vis::bench
