#include "http/websocket_frame.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "unit/http/websocket_frames.hpp"

namespace vis::http {
namespace {

constexpr std::size_t kMessageBytes = 70'000;

std::string describe(const WebSocketEvent& event) {
  if (const auto* message = std::get_if<WebSocketMessage>(&event)) {
    return (message->kind == WebSocketMessage::Kind::Text ? "text:" : "binary:") + message->data;
  }
  if (const auto* ping = std::get_if<PingReceived>(&event)) return "ping:" + ping->payload;
  if (std::holds_alternative<PongReceived>(event)) return "pong";
  return "close:" + std::to_string(static_cast<int>(std::get<CloseReceived>(event).code));
}

/// All events of `input`, fed in pieces of `step` bytes, until the end or a violation.
std::string decode(std::string_view input, std::size_t step, bool deflate = false) {
  FrameDecoder decoder(kMessageBytes, deflate);
  std::string events;
  while (!input.empty()) {
    std::string_view piece = input.substr(0, step);
    input.remove_prefix(piece.size());
    while (true) {
      const auto event = decoder.next(piece);
      if (!event) {
        return events + "violation:" + std::to_string(static_cast<int>(event.error().code));
      }
      if (!*event) break;
      events += describe(**event) + ' ';
    }
  }
  return events;
}

TEST(FrameDecoder, joins_fragments_around_control_frames_however_they_are_split) {
  const std::string input = ClientFrame{.opcode = 1, .payload = "Жа", .final = false}.bytes() +
                            ClientFrame{.opcode = 9, .payload = "p"}.bytes() +
                            ClientFrame{.opcode = 0, .payload = "", .final = false}.bytes() +
                            ClientFrame{.opcode = 0, .payload = "z"}.bytes() +
                            ClientFrame{.opcode = 10, .payload = "q"}.bytes() +
                            ClientFrame{.opcode = 2, .payload = ""}.bytes() +
                            ClientFrame{.opcode = 8, .payload = "\x03\xE9 bye"}.bytes();
  for (std::size_t step = 1; step <= input.size(); ++step) {
    EXPECT_EQ(decode(input, step), "ping:p text:Жаz pong binary: close:1001 ") << step;
  }
}

TEST(FrameDecoder, reads_lengths_of_all_three_forms) {
  for (const std::size_t size : {0UZ, 125UZ, 126UZ, 65535UZ, 65536UZ, kMessageBytes}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(decode(ClientFrame{.payload = payload}.bytes(), 4096), "binary:" + payload + ' ');
  }
}

TEST(FrameDecoder, takes_nul_for_text_and_an_empty_close) {
  EXPECT_EQ(decode(ClientFrame{.opcode = 1, .payload = std::string("a\0b", 3)}.bytes(), 99),
            std::string("text:a\0b ", 9));
  EXPECT_EQ(decode(ClientFrame{.opcode = 8}.bytes(), 99), "close:1005 ");
}

TEST(FrameDecoder, limits_a_message_over_all_its_fragments) {
  const std::string most(kMessageBytes - 1, 'x');
  const std::string first = ClientFrame{.payload = most, .final = false}.bytes();
  EXPECT_EQ(decode(first + ClientFrame{.opcode = 0, .payload = "y"}.bytes(), 4096),
            "binary:" + most + "y ");
  EXPECT_EQ(decode(first + ClientFrame{.opcode = 0, .payload = "yz"}.bytes(), 4096),
            "violation:1009");
}

TEST(FrameDecoder, refuses_an_announced_length_before_its_bytes_come) {
  EXPECT_EQ(decode(ClientFrame{.claimed = kMessageBytes + 1}.bytes(), 99), "violation:1009");
  EXPECT_EQ(decode(ClientFrame{.claimed = 0xFFFF'FFFF'FFFF'FFFF}.bytes(), 99), "violation:1009");
}

struct BadFrames {
  const char* name;
  std::string bytes;
  int code = 1002;

  friend void PrintTo(const BadFrames& row, std::ostream* out) { *out << row.name; }
};

class MalformedFrames : public testing::TestWithParam<BadFrames> {};

TEST_P(MalformedFrames, are_a_violation) {
  const std::string expected = "violation:" + std::to_string(GetParam().code);
  EXPECT_EQ(decode(GetParam().bytes, 1), expected);
  EXPECT_EQ(decode(GetParam().bytes, 1000), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedFrames,
    testing::Values(
        BadFrames{"unmasked", ClientFrame{.payload = "x", .masked = false}.bytes()},
        BadFrames{"reserved_bit_1", ClientFrame{.payload = "x", .reserved = 4}.bytes()},
        BadFrames{"reserved_bit_2", ClientFrame{.payload = "x", .reserved = 2}.bytes()},
        BadFrames{"reserved_bit_3", ClientFrame{.payload = "x", .reserved = 1}.bytes()},
        BadFrames{"opcode_3", ClientFrame{.opcode = 3}.bytes()},
        BadFrames{"opcode_7", ClientFrame{.opcode = 7}.bytes()},
        BadFrames{"opcode_11", ClientFrame{.opcode = 11}.bytes()},
        BadFrames{"opcode_15", ClientFrame{.opcode = 15}.bytes()},
        BadFrames{"continuation_of_nothing", ClientFrame{.opcode = 0, .payload = "x"}.bytes()},
        BadFrames{"message_within_message", ClientFrame{.payload = "x", .final = false}.bytes() +
                                                ClientFrame{.payload = "y"}.bytes()},
        BadFrames{"fragmented_ping",
                  ClientFrame{.opcode = 9, .payload = "x", .final = false}.bytes()},
        BadFrames{"long_ping", ClientFrame{.opcode = 9, .payload = std::string(126, 'x')}.bytes()},
        BadFrames{"long_close",
                  ClientFrame{.opcode = 8, .payload = "\x03\xE8" + std::string(124, 'x')}.bytes()},
        BadFrames{"wasteful_16_bits", ClientFrame{.payload = "x", .length_code = 126}.bytes()},
        BadFrames{"wasteful_64_bits", ClientFrame{.payload = "x", .length_code = 127}.bytes()},
        BadFrames{"close_of_one_byte", ClientFrame{.opcode = 8, .payload = "x"}.bytes()},
        BadFrames{"close_999", ClientFrame{.opcode = 8, .payload = "\x03\xE7"}.bytes()},
        BadFrames{"close_1005", ClientFrame{.opcode = 8, .payload = "\x03\xED"}.bytes()},
        BadFrames{"close_1006", ClientFrame{.opcode = 8, .payload = "\x03\xEE"}.bytes()},
        BadFrames{"close_2999", ClientFrame{.opcode = 8, .payload = "\x0B\xB7"}.bytes()},
        BadFrames{"close_5000", ClientFrame{.opcode = 8, .payload = "\x13\x88"}.bytes()},
        BadFrames{"close_reason", ClientFrame{.opcode = 8, .payload = "\x03\xE8\xFF"}.bytes(),
                  1007},
        BadFrames{"text_no_utf8", ClientFrame{.opcode = 1, .payload = "\xC3\x28"}.bytes(), 1007},
        BadFrames{"text_cut", ClientFrame{.opcode = 1, .payload = "\xD0"}.bytes(), 1007},
        BadFrames{"text_surrogate", ClientFrame{.opcode = 1, .payload = "\xED\xA0\x80"}.bytes(),
                  1007}),
    [](const auto& row) { return row.param.name; });

TEST(FrameDecoder, inflates_messages_only_when_agreed) {
  Deflater deflater;
  const std::string plain = "hello hello hello hello";
  const std::string frame =
      ClientFrame{.opcode = 1, .payload = deflater.deflate(plain), .reserved = 4}.bytes();
  EXPECT_EQ(decode(frame + frame, 7, true), "text:" + plain + " text:" + plain + ' ');
  EXPECT_EQ(decode(frame, 7, false), "violation:1002");
  EXPECT_EQ(decode(ClientFrame{.opcode = 9, .payload = "x", .reserved = 4}.bytes(), 7, true),
            "violation:1002");
}

TEST(FrameDecoder, limits_what_a_message_inflates_to) {
  const auto bomb = [](std::size_t size) {
    Deflater deflater;
    return ClientFrame{.payload = deflater.deflate(std::string(size, 'x')), .reserved = 4}.bytes();
  };
  EXPECT_EQ(decode(bomb(kMessageBytes), 4096, true),
            "binary:" + std::string(kMessageBytes, 'x') + ' ');
  EXPECT_EQ(decode(bomb(kMessageBytes + 1), 4096, true), "violation:1009");
  EXPECT_LT(bomb(1'000'000).size(), 5'000U);
  EXPECT_EQ(decode(bomb(1'000'000), 4096, true), "violation:1009");
}

TEST(FrameDecoder, refuses_broken_compressed_data) {
  EXPECT_EQ(decode(ClientFrame{.payload = "\xFF\xFF\xFF", .reserved = 4}.bytes(), 99, true),
            "violation:1002");
}

TEST(Deflate, is_agreed_to_when_the_offer_leaves_us_our_window) {
  EXPECT_TRUE(accepts_deflate_offer("permessage-deflate; client_max_window_bits"));
  EXPECT_TRUE(accepts_deflate_offer("x, Permessage-Deflate;server_no_context_takeover"));
  EXPECT_FALSE(accepts_deflate_offer("permessage-deflate; server_max_window_bits=10"));
  EXPECT_FALSE(accepts_deflate_offer("permessage-deflate; unknown"));
  EXPECT_FALSE(accepts_deflate_offer("permessage-bzip2"));
  EXPECT_FALSE(accepts_deflate_offer(""));
}

TEST(OutgoingFrame, writes_the_shortest_length) {
  const auto header = [](std::size_t size) {
    return OutgoingFrame{.opcode = Opcode::Text, .payload_bytes = size}.header();
  };
  EXPECT_EQ(header(125), "\x81\x7D");
  EXPECT_EQ(header(126), std::string("\x81\x7E\x00\x7E", 4));
  EXPECT_EQ(header(65535), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(header(65536), std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(ClosePayload, is_cut_at_125_bytes_between_characters) {
  EXPECT_EQ(close_payload(CloseCode::GoingAway, "bye"),
            "\x03\xE9"
            "bye");
  EXPECT_EQ(close_payload(CloseCode::Normal, std::string(123, 'x')).size(), 125U);
  EXPECT_EQ(close_payload(CloseCode::Normal, std::string(124, 'x')).size(), 125U);
  EXPECT_EQ(close_payload(CloseCode::Normal, std::string(122, 'x') + "Ж").size(), 124U);
}

}  // namespace
}  // namespace vis::http
