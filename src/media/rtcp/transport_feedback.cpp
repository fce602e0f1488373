#include "media/rtcp/transport_feedback.hpp"

#include <algorithm>
#include <limits>

namespace vis::media::rtcp {
namespace {

constexpr std::size_t kFixedBytes = FeedbackSsrcs::kBytes + 8;
constexpr std::size_t kChunkBytes = 2;
constexpr std::uint16_t kVectorFlag = 0x8000;
constexpr std::uint16_t kTwoBitFlag = 0x4000;
constexpr unsigned kRunStatusShift = 13;
constexpr std::size_t kMaxRun = 0x1FFF;
constexpr std::size_t kOneBitSymbols = 14;
constexpr std::size_t kTwoBitSymbols = 7;
constexpr std::int64_t kTicksPerReference =
    TransportFeedback::kReferenceUnit / TransportFeedback::kDeltaUnit;

std::int32_t sign_extended(std::uint32_t value24) {
  return static_cast<std::int32_t>(value24 << 8) >> 8;
}

std::size_t delta_size(ArrivalStatus status) { return static_cast<std::size_t>(status); }

std::int64_t to_ticks(Duration arrival) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1, 4000>>>(arrival)
      .count();
}

std::int64_t to_reference(Duration arrival) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<8, 125>>>(arrival)
      .count();
}

std::size_t round_up_to_word(std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; }

}  // namespace

void ArrivalStatuses::load_chunk() {
  const std::uint16_t chunk = reader_.u16();
  if ((chunk & kVectorFlag) == 0) {
    symbols_ = static_cast<std::uint16_t>(chunk << 1);
    left_ = chunk & kMaxRun;
    symbol_bits_ = 0;
    return;
  }
  symbols_ = static_cast<std::uint16_t>(chunk << 2);
  const bool two_bits = (chunk & kTwoBitFlag) != 0;
  left_ = two_bits ? kTwoBitSymbols : kOneBitSymbols;
  symbol_bits_ = two_bits ? 2 : 1;
}

std::optional<ArrivalStatus> ArrivalStatuses::next() {
  while (left_ == 0) {
    load_chunk();
    if (!reader_.ok()) return std::nullopt;
  }
  --left_;
  const unsigned width = symbol_bits_ == 1 ? 1 : 2;
  const unsigned symbol = symbols_ >> (16 - width);
  symbols_ = static_cast<std::uint16_t>(symbols_ << symbol_bits_);
  if (symbol > static_cast<unsigned>(ArrivalStatus::LargeDelta)) return std::nullopt;
  return static_cast<ArrivalStatus>(symbol);
}

std::optional<TransportFeedback> TransportFeedback::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  TransportFeedback feedback;
  feedback.ssrcs = FeedbackSsrcs::read(reader);
  feedback.base_sequence = reader.u16();
  feedback.status_count = reader.u16();
  feedback.reference_time = sign_extended(reader.u24()) * kReferenceUnit;
  feedback.feedback_count = reader.u8();
  const bool sane =
      feedback.status_count > 0 && feedback.status_count <= limits::kTransportFeedbackStatuses;
  if (!reader.ok() || !sane || !feedback.split(reader.take_rest())) return std::nullopt;
  return feedback;
}

bool TransportFeedback::split(Bytes chunks_and_deltas) {
  ArrivalStatuses statuses{chunks_and_deltas};
  std::size_t delta_bytes = 0;
  for (std::size_t i = 0; i < status_count; ++i) {
    const std::optional<ArrivalStatus> status = statuses.next();
    if (!status) return false;
    delta_bytes += delta_size(*status);
  }
  chunks = chunks_and_deltas.first(statuses.position());
  deltas = chunks_and_deltas.subspan(statuses.position());
  if (deltas.size() < delta_bytes) return false;
  deltas = deltas.first(delta_bytes);
  return true;
}

TransportFeedbackBuilder::TransportFeedbackBuilder(std::uint16_t base_sequence,
                                                   Duration first_arrival)
    : base_sequence_(base_sequence),
      reference_(to_reference(first_arrival)),
      last_ticks_(reference_ * kTicksPerReference) {}

bool TransportFeedbackBuilder::add(std::uint16_t sequence, Duration arrival) {
  const auto offset = static_cast<std::uint16_t>(sequence - base_sequence_);
  if (offset < count_ || offset >= kMaxStatuses) return false;
  const std::int64_t ticks = to_ticks(arrival);
  const std::int64_t delta = ticks - last_ticks_;
  using Limits = std::numeric_limits<std::int16_t>;
  if (delta < Limits::min() || delta > Limits::max()) return false;
  const bool small = delta >= 0 && delta <= std::numeric_limits<std::uint8_t>::max();
  const ArrivalStatus status = small ? ArrivalStatus::SmallDelta : ArrivalStatus::LargeDelta;

  // Chunks take the most room when each holds seven symbols.
  const std::size_t chunks = (offset + kTwoBitSymbols) / kTwoBitSymbols;
  const std::size_t bytes =
      kHeaderBytes + kFixedBytes + chunks * kChunkBytes + delta_bytes_ + delta_size(status);
  if (round_up_to_word(bytes) > kMaxBytes) return false;

  std::fill(statuses_.begin() + static_cast<std::ptrdiff_t>(count_), statuses_.begin() + offset,
            ArrivalStatus::NotReceived);
  statuses_[offset] = status;
  count_ = offset + std::size_t{1};
  deltas_[delta_count_++] = static_cast<std::int16_t>(delta);
  delta_bytes_ += delta_size(status);
  last_ticks_ = ticks;
  return true;
}

std::size_t TransportFeedbackBuilder::run_length(std::size_t at) const {
  std::size_t end = at;
  while (end < count_ && end - at < kMaxRun && statuses_[end] == statuses_[at]) ++end;
  return end - at;
}

/// A run where one is at least as long as the vector that could stand here, else a vector with
/// symbols as narrow as they may be.
TransportFeedbackBuilder::Chunk TransportFeedbackBuilder::chunk_at(std::size_t at) const {
  const std::size_t one_bit_end = std::min(at + kOneBitSymbols, count_);
  const auto large = std::find(statuses_.begin() + static_cast<std::ptrdiff_t>(at),
                               statuses_.begin() + static_cast<std::ptrdiff_t>(one_bit_end),
                               ArrivalStatus::LargeDelta);
  const bool narrow = large == statuses_.begin() + static_cast<std::ptrdiff_t>(one_bit_end);
  const std::size_t end = narrow ? one_bit_end : std::min(at + kTwoBitSymbols, count_);

  if (const std::size_t run = run_length(at); run >= end - at) {
    const auto status = static_cast<unsigned>(statuses_[at]);
    return {.bits = static_cast<std::uint16_t>((status << kRunStatusShift) | run), .count = run};
  }
  const unsigned width = narrow ? 1 : 2;
  unsigned bits = kVectorFlag | (narrow ? 0U : kTwoBitFlag);
  unsigned shift = 14;
  for (std::size_t i = at; i < end; ++i) {
    shift -= width;
    bits |= static_cast<unsigned>(statuses_[i]) << shift;
  }
  return {.bits = static_cast<std::uint16_t>(bits), .count = end - at};
}

std::size_t TransportFeedbackBuilder::chunk_bytes() const {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < count_; at += chunk_at(at).count) bytes += kChunkBytes;
  return bytes;
}

bool TransportFeedbackBuilder::write(ByteWriter& writer, const FeedbackSsrcs& ssrcs,
                                     std::uint8_t feedback_count) const {
  VIS_ASSERT(count_ > 0);
  const std::size_t unpadded = kFixedBytes + chunk_bytes() + delta_bytes_;
  const std::size_t padded = round_up_to_word(unpadded);
  if (!write_header(writer, TransportFeedback::kFormat, kTransportLayerFeedback, padded)) {
    return false;
  }
  ssrcs.write(writer);
  writer.u16(base_sequence_);
  writer.u16(static_cast<std::uint16_t>(count_));
  writer.u24(static_cast<std::uint32_t>(reference_));
  writer.u8(feedback_count);
  for (std::size_t at = 0; at < count_;) {
    const Chunk chunk = chunk_at(at);
    writer.u16(chunk.bits);
    at += chunk.count;
  }
  std::size_t next_delta = 0;
  for (const ArrivalStatus status : std::span{statuses_}.first(count_)) {
    if (status == ArrivalStatus::NotReceived) continue;
    const auto delta = static_cast<std::uint16_t>(deltas_[next_delta++]);
    if (status == ArrivalStatus::SmallDelta) {
      writer.u8(static_cast<std::uint8_t>(delta));
    } else {
      writer.u16(delta);
    }
  }
  writer.zeros(padded - unpadded);
  return true;
}

}  // namespace vis::media::rtcp
