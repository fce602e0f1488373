#include "media/sctp/dcep.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/limits/media_sctp.hpp"
#include "support/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::media::sctp {
namespace {

ByteVector written(const DcepOpen& open) {
  ByteVector bytes(open.size());
  ByteWriter writer{bytes};
  open.write(writer);
  EXPECT_TRUE(writer.ok());
  return bytes;
}

/// What browsers send for `_lossy`.
ByteVector lossy() {
  return {0x03, 0x81, 0x01, 0x00, 0, 0, 0, 0, 0, 6, 0, 0, '_', 'l', 'o', 's', 's', 'y'};
}

TEST(Dcep, reads_an_unordered_channel_without_retransmissions) {
  const auto message = parse_dcep(lossy());
  ASSERT_TRUE(message);
  const DcepOpen& open = std::get<DcepOpen>(*message);
  EXPECT_EQ(open.label, "_lossy");
  EXPECT_EQ(open.protocol, "");
  EXPECT_FALSE(open.ordered);
  EXPECT_EQ(open.reliability, Reliability::Retransmits);
  EXPECT_EQ(open.reliability_value, 0U);
  EXPECT_EQ(open.priority, 256);
  EXPECT_EQ(written(open), lossy());
}

TEST(Dcep, writes_what_it_reads) {
  const DcepOpen open{.reliability = Reliability::Lifetime,
                      .ordered = true,
                      .priority = 512,
                      .reliability_value = 3000,
                      .label = "chat",
                      .protocol = "json"};
  EXPECT_EQ(std::get<DcepOpen>(parse_dcep(written(open)).value()), open);
  std::array<std::uint8_t, 1> ack{};
  ByteWriter writer{ack};
  DcepAck{}.write(writer);
  EXPECT_TRUE(std::holds_alternative<DcepAck>(parse_dcep(ack).value()));
}

TEST(Dcep, refuses_what_is_malformed) {
  EXPECT_FALSE(parse_dcep({}));
  for (std::size_t size = 1; size < lossy().size(); ++size) {
    ByteVector cut = lossy();
    cut.resize(size);
    EXPECT_FALSE(parse_dcep(cut)) << size;
  }
  ByteVector longer = lossy();
  longer.push_back(0);
  EXPECT_FALSE(parse_dcep(longer));
  ByteVector unknown_message = lossy();
  unknown_message[0] = 0x04;
  EXPECT_FALSE(parse_dcep(unknown_message));
  ByteVector unknown_type = lossy();
  unknown_type[1] = 0x03;
  EXPECT_FALSE(parse_dcep(unknown_type));
  ByteVector not_text = lossy();
  not_text.back() = 0xFF;
  EXPECT_FALSE(parse_dcep(not_text));
}

TEST(Dcep, limits_label_and_protocol) {
  DcepOpen open;
  open.label = open.protocol = std::string(limits::kDataChannelLabelBytes, 'x');
  EXPECT_TRUE(parse_dcep(written(open)));
  open.label += 'x';
  EXPECT_EQ(parse_dcep(written(open)).error().code, Errc::LimitExceeded);
  open.label.clear();
  open.protocol += 'x';
  EXPECT_EQ(parse_dcep(written(open)).error().code, Errc::LimitExceeded);
}

TEST(Dcep, survives_what_the_fuzzer_found) {
  for (const auto& path : vis::test::files_in("fuzz/corpus/dcep")) {
    const std::string input = vis::test::read_file(path);
    const auto bytes = as_bytes(input);
    EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0) << path;
  }
}

}  // namespace
}  // namespace vis::media::sctp
