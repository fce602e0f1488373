#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/bytes.hpp"
#include "base/limits/media_congestion.hpp"
#include "media/congestion/controller.hpp"
#include "media/rtcp/compound.hpp"

namespace {

using namespace vis;
using namespace vis::media;

constexpr congestion::CongestionController::Config kConfig;

void require(bool expectation) {
  if (!expectation) std::abort();
}

void check(const congestion::CongestionController& controller) {
  require(controller.target_bitrate() >= kConfig.min);
  require(controller.target_bitrate() <= kConfig.max);
  require(controller.loss() >= 0 && controller.loss() <= 1);
  require(controller.bytes_in_flight() <= std::size_t{65'535} * limits::kSentPacketHistory);
}

/// The body of a feedback message, with a true header before it.
void feed(congestion::CongestionController& controller, TimePoint now, Bytes body) {
  std::array<std::uint8_t, 4 + 4 * 255> message{};
  const std::size_t padded = (body.size() + 3) / 4 * 4;
  ByteWriter writer{message};
  writer.u8(0x80 | rtcp::TransportFeedback::kFormat);
  writer.u8(205);
  writer.u16(static_cast<std::uint16_t>(padded / 4));
  writer.bytes(body);
  writer.zeros(padded - body.size());
  const auto compound = rtcp::Compound::parse(writer.written());
  if (!compound) return;
  for (const rtcp::Message& each : *compound) {
    if (const auto* feedback = std::get_if<rtcp::TransportFeedback>(&each)) {
      controller.on_feedback(now, *feedback);
    }
  }
}

}  // namespace

/// A script of sent packets, time that passes, and whatever a receiver may say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  congestion::CongestionController controller{kConfig};
  ByteReader script{Bytes{data, size}};
  TimePoint now{1000s};
  std::uint16_t sequence = 0;
  congestion::ProbeClusterId probe = 0;
  while (script.remaining() > 1) {
    const std::uint8_t command = script.u8();
    const std::uint8_t argument = script.u8();
    switch (command % 5) {
      case 0:
        for (int i = 0; i <= argument; ++i) {
          controller.on_packet_sent(now, {.sequence = ++sequence, .bytes = 1200, .probe = probe});
          now += 1ms;
        }
        break;
      case 1:
        feed(controller, now, script.take(std::min<std::size_t>(argument, script.remaining())));
        break;
      case 2: now += argument * Duration{20ms}; break;
      case 3:
        controller.on_deadline(now);
        if (const auto cluster = controller.take_probe(now)) probe = cluster->id;
        break;
      case 4:
        sequence = static_cast<std::uint16_t>(sequence + argument);
        controller.on_packet_sent(now,
                                  {.sequence = ++sequence, .bytes = argument, .probe = argument});
        break;
    }
    check(controller);
  }
  return 0;
}
