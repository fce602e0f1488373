#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <variant>
#include <vector>

#include "media/rtcp/compound.hpp"

namespace {

using namespace vis;
using namespace vis::media::rtcp;

void require(bool expectation) {
  if (!expectation) std::abort();
}

/// Reads all of a message, and writes again what there is a writer for: the second reading must
/// not differ.
struct Reader {
  void operator()(const SenderReport& report) const {
    std::vector<ReportBlock> blocks;
    for (const ReportBlock block : report.reports) blocks.push_back(block);
    std::array<std::uint8_t, 2048> buffer;
    ByteWriter writer{buffer};
    require(SenderReport::write(writer, report.info, blocks));
    const auto again = Compound::parse(writer.written());
    require(again && std::get<SenderReport>(*again->begin()).info == report.info);
  }
  void operator()(const ReceiverReport& report) const {
    for (const ReportBlock block : report.reports) require(block == block);
  }
  void operator()(const SourceDescription& sdes) const {
    if (const auto cname = sdes.cname(1)) require(cname->size() <= SourceDescription::kMaxCname);
  }
  void operator()(const Goodbye& goodbye) const { require(goodbye.sources.size() <= kMaxCount); }
  void operator()(const Nack& nack) const {
    std::size_t lost = 0;
    nack.for_each_lost([&](std::uint16_t) { ++lost; });
    require(lost >= nack.items.size() && lost <= 17 * nack.items.size());
  }
  void operator()(const PictureLossIndication&) const {}
  void operator()(const FullIntraRequest& fir) const {
    for (const FirEntry entry : fir.entries) require(entry == entry);
  }
  void operator()(const Remb& remb) const { require(remb.sources.size() <= 255); }
  void operator()(const TransportFeedback& feedback) const {
    std::size_t count = 0;
    feedback.for_each([&](std::uint16_t, std::optional<Duration>) { ++count; });
    require(count == feedback.status_count);
    rebuild(feedback);
  }
  void operator()(const Packet&) const {}

  static void rebuild(const TransportFeedback& feedback) {
    std::optional<TransportFeedbackBuilder> builder;
    feedback.for_each([&](std::uint16_t sequence, std::optional<Duration> at) {
      if (!at) return;
      if (!builder) builder.emplace(feedback.base_sequence, *at);
      builder->add(sequence, *at);
    });
    if (!builder || builder->status_count() == 0) return;
    std::array<std::uint8_t, TransportFeedbackBuilder::kMaxBytes> buffer;
    ByteWriter writer{buffer};
    require(builder->write(writer, feedback.ssrcs, feedback.feedback_count));
    require(Compound::parse(writer.written()).has_value());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto compound = Compound::parse(Bytes{data, size});
  if (!compound) return 0;
  for (const Message& message : *compound) std::visit(Reader{}, message);
  return 0;
}
