#include "media/rtp/transport_feedback_recorder.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"
#include "media/rtcp/transport_feedback.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::int64_t kWindow = limits::kTransportFeedbackWindow;
static_assert(std::has_single_bit(limits::kTransportFeedbackWindow));

}  // namespace

void TransportFeedbackRecorder::on_packet(TimePoint now, std::uint16_t wire_sequence) {
  const std::int64_t sequence = unwrapper_.unwrap(wire_sequence);
  if (!highest_) {
    arrivals_.resize(limits::kTransportFeedbackWindow);
    highest_ = next_ = sequence;
  }
  if (sequence <= *highest_ - kWindow || arrived(sequence)) return;
  arrivals_[index(sequence)] = {.sequence = sequence, .time = now};
  highest_ = std::max(*highest_, sequence);
  // After a packet that comes late, all that followed it is reported again.
  next_ = std::max(std::min(next_, sequence), *highest_ - kWindow + 1);
  ++waiting_;
  if (!deadline_) deadline_ = now + kInterval;
  if (waiting_ >= kEarlyReport) deadline_ = std::min(*deadline_, now);
}

bool TransportFeedbackRecorder::write_report(ByteWriter& writer, const rtcp::FeedbackSsrcs& ssrcs) {
  using Builder = rtcp::TransportFeedbackBuilder;
  VIS_ASSERT(writer.remaining() >= Builder::kMaxBytes);
  if (!deadline_) return false;
  std::int64_t sequence = next_;
  while (!arrived(sequence)) ++sequence;
  Builder builder{static_cast<std::uint16_t>(next_),
                  arrivals_[index(sequence)].time.time_since_epoch()};
  for (; sequence <= *highest_; ++sequence) {
    if (!arrived(sequence)) continue;
    const Duration time = arrivals_[index(sequence)].time.time_since_epoch();
    if (!builder.add(static_cast<std::uint16_t>(sequence), time)) break;
  }
  next_ = sequence;
  if (next_ > *highest_) {
    waiting_ = 0;
    deadline_.reset();
  }
  return builder.write(writer, ssrcs, feedback_count_++);
}

}  // namespace vis::media::rtp
