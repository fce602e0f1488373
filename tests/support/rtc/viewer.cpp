#include "support/rtc/viewer.hpp"

#include <algorithm>

#include "media/rtp/vp8.hpp"

namespace vis::test {

Viewer::Viewer(ClientPeer& peer) : peer_(peer) {
  peer_.on_arrival = [this](const PeerPacket& packet) { take(packet); };
}

void Viewer::take(const PeerPacket& packet) {
  const auto vp8 = media::rtp::Vp8Descriptor::parse(packet.payload);
  if (!ssrc_ && vp8 && vp8->key_frame) ssrc_ = packet.ssrc;
  if (ssrc_ != packet.ssrc || !vp8) return;
  media_bytes_ += packet.payload.size();
  if (next_ && packet.sequence < *next_) return;
  pieces_[packet.sequence] = {
      .starts = vp8->starts_frame(), .key = vp8->key_frame, .ends = packet.marker};
  show(packet.now);
}

std::optional<std::int64_t> Viewer::end_of_frame(std::int64_t first) const {
  auto piece = pieces_.find(first);
  if (piece == pieces_.end() || !piece->second.starts) return std::nullopt;
  for (std::int64_t sequence = first; piece != pieces_.end() && piece->first == sequence;
       ++piece, ++sequence) {
    if (piece->second.ends) return sequence + 1;
  }
  return std::nullopt;
}

void Viewer::show(TimePoint now) {
  for (;;) {
    std::optional<std::int64_t> end = next_ ? end_of_frame(*next_) : std::nullopt;
    for (auto piece = pieces_.begin(); !end && piece != pieces_.end(); ++piece) {
      if (piece->second.key) end = end_of_frame(piece->first);
    }
    if (!end) return;
    next_ = end;
    pieces_.erase(pieces_.begin(), pieces_.lower_bound(*end));
    shown_.push_back(now);
    asked_at_.reset();
  }
}

void Viewer::step(TimePoint now) {
  if (shown_.empty() || !ssrc_) return;
  const TimePoint since = std::max(shown_.back(), asked_at_.value_or(shown_.back()));
  if (now - since < kPatience) return;
  asked_at_ = now;
  peer_.request_key_frame(now, *ssrc_);
}

template <typename Visit>
void Viewer::for_each_gap(TimePoint from, TimePoint to, Visit visit) const {
  TimePoint before = from;
  for (const TimePoint at : shown_) {
    if (at < from || at >= to) continue;
    visit(at - before);
    before = at;
  }
  visit(to - before);
}

Duration Viewer::longest_gap(TimePoint from, TimePoint to) const {
  Duration longest{};
  for_each_gap(from, to, [&](Duration gap) { longest = std::max(longest, gap); });
  return longest;
}

std::size_t Viewer::freezes(TimePoint from, TimePoint to, Duration limit) const {
  std::size_t count = 0;
  for_each_gap(from, to, [&](Duration gap) { count += gap > limit ? 1U : 0U; });
  return count;
}

}  // namespace vis::test
