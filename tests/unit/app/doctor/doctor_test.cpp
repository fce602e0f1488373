#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/config/load.hpp"
#include "app/doctor/checks.hpp"
#include "base/clock.hpp"
#include "media_io/tcp_socket.hpp"
#include "media_io/udp_socket.hpp"
#include "support/temp_directory.hpp"

namespace vis::app::doctor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

auto with(Verdict verdict, const char* what) {
  return AllOf(Field(&Finding::verdict, verdict), Field(&Finding::what, HasSubstr(what)));
}

class Doctor : public testing::Test {
 protected:
  Doctor() {
    config_.server.data_dir = folder_.path();
    config_.http.listen = {{.ip = IpAddress::v4({127, 0, 0, 1}), .port = 0}};
    config_.http.max_connections = 10;
    config_.media.workers = 1;
  }

  /// Files of a certificate made by openssl for `names`, good for `days`.
  void use_certificate(const std::string& names, int days) {
    config_.http.certificate = folder_.path() / "cert.pem";
    config_.http.private_key = folder_.path() / "cert.key";
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days " +
        std::to_string(days) + " -subj /CN=test -addext subjectAltName=" + names + " -keyout " +
        config_.http.private_key.string() + " -out " + config_.http.certificate.string() +
        " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  test::TempDirectory folder_;
  Config config_;
};

// ---- ports ----

TEST_F(Doctor, finds_free_ports_fine) {
  EXPECT_THAT(check_ports(config_, false), Each(Field(&Finding::verdict, Verdict::Fine)));
}

TEST_F(Doctor, names_a_media_port_that_another_program_has) {
  const auto taken = media_io::UdpSocket::open({});
  ASSERT_TRUE(taken.has_value());
  config_.media.port = taken->port();
  const Findings findings = check_ports(config_, false);
  ASSERT_THAT(findings, Contains(with(Verdict::Problem, "in use")));
  EXPECT_THAT(as_text(findings), HasSubstr("ss -lnpu 'sport = :" + std::to_string(taken->port())));
  // Its own server may have it.
  EXPECT_THAT(check_ports(config_, true), Contains(with(Verdict::Fine, "by the server that runs")));
}

TEST_F(Doctor, names_a_web_port_that_another_program_has) {
  const auto taken = media_io::TcpListener::open({.ip = IpAddress::v4({127, 0, 0, 1}), .port = 0});
  ASSERT_TRUE(taken.has_value());
  config_.http.listen = {{.ip = IpAddress::v4({127, 0, 0, 1}), .port = taken->port()}};
  EXPECT_THAT(check_ports(config_, false), Contains(with(Verdict::Problem, "in use")));
}

TEST_F(Doctor, tells_a_server_that_runs_by_the_lock_of_its_data_directory) {
  EXPECT_FALSE(is_running(config_));
  std::FILE* const node = std::fopen((folder_.path() / "node").c_str(), "a+e");
  ASSERT_NE(node, nullptr);
  EXPECT_FALSE(is_running(config_));
  ASSERT_EQ(::flock(::fileno(node), LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(is_running(config_));
  std::fclose(node);
}

// ---- certificate ----

TEST_F(Doctor, wants_a_certificate_where_others_can_connect) {
  EXPECT_THAT(check_certificate(config_, wall_now()), ElementsAre(with(Verdict::Fine, "none")));
  config_.http.listen = {{.ip = {}, .port = 7880}};
  EXPECT_THAT(check_certificate(config_, wall_now()), ElementsAre(with(Verdict::Warning, "none")));
}

TEST_F(Doctor, reads_dates_and_names_of_the_certificate) {
  use_certificate("DNS:meet.example,DNS:*.calls.example,IP:192.0.2.1", 90);
  const WallTime now = wall_now();
  EXPECT_THAT(check_certificate(config_, now), Contains(with(Verdict::Fine, "valid for 8")));
  EXPECT_THAT(check_certificate(config_, now), Contains(with(Verdict::Warning, "not trust")));
  EXPECT_THAT(check_certificate(config_, now + std::chrono::days{80}),
              Contains(with(Verdict::Warning, "expires in 9 days")));
  EXPECT_THAT(check_certificate(config_, now + std::chrono::days{91}),
              Contains(with(Verdict::Problem, "expired")));
  EXPECT_THAT(check_certificate(config_, now - std::chrono::days{1}),
              Contains(with(Verdict::Problem, "not valid yet")));
  config_.turn.enabled = true;
  for (const char* const name : {"meet.example", "a.calls.example", "192.0.2.1"}) {
    config_.turn.domain = name;
    EXPECT_FALSE(has_problems(check_certificate(config_, now))) << name;
  }
  for (const char* const name : {"other.example", "a.b.calls.example", "calls.example"}) {
    config_.turn.domain = name;
    EXPECT_THAT(check_certificate(config_, now), Contains(with(Verdict::Problem, name)));
  }
}

TEST_F(Doctor, says_when_there_is_no_certificate_in_the_file) {
  config_.http.certificate = folder_.path() / "missing.pem";
  config_.http.private_key = folder_.path() / "missing.key";
  EXPECT_TRUE(has_problems(check_certificate(config_, wall_now())));
  use_certificate("DNS:a.example", 9);
  config_.http.private_key = config_.http.certificate;
  EXPECT_TRUE(has_problems(check_certificate(config_, wall_now())));
}

// ---- addresses ----

TEST_F(Doctor, warns_when_only_private_addresses_are_told) {
  const std::vector<IpAddress> own{IpAddress::v4({127, 0, 0, 1})};
  EXPECT_THAT(check_addresses(config_, own), Contains(with(Verdict::Warning, "private")));
  config_.media.public_addresses = {*IpAddress::parse("203.0.113.5")};
  EXPECT_THAT(check_addresses(config_, own),
              testing::Not(Contains(with(Verdict::Warning, "private"))));
}

// ---- the rest ----

TEST_F(Doctor, looks_at_the_rights_of_the_data_directory) {
  EXPECT_THAT(check_data_dir(config_), Contains(with(Verdict::Fine, "can be written")));
  config_.server.data_dir = folder_.path() / "new";
  EXPECT_THAT(check_data_dir(config_), ElementsAre(with(Verdict::Fine, "will be made")));
  config_.server.data_dir = folder_.path() / "a" / "b";
  EXPECT_THAT(check_data_dir(config_), ElementsAre(with(Verdict::Problem, "may not make")));
}

TEST_F(Doctor, warns_of_a_key_that_others_can_read) {
  const auto key = folder_.path() / "key";
  std::ofstream(key) << "secret";
  ::chmod(key.c_str(), 0600);
  EXPECT_FALSE(testing::Value(check_data_dir(config_), Contains(with(Verdict::Warning, "read"))));
  ::chmod(key.c_str(), 0644);
  EXPECT_THAT(check_data_dir(config_), Contains(with(Verdict::Warning, "read by other")));
}

TEST_F(Doctor, does_not_believe_a_clock_of_long_ago) {
  EXPECT_TRUE(has_problems(check_clock(wall_from_unix_ms(1'000'000'000'000))));
  EXPECT_FALSE(has_problems(check_clock(wall_now())));
}

TEST_F(Doctor, warns_when_fewer_files_may_be_open_than_connections_are_allowed) {
  config_.http.max_connections = 1'000'000'000;
  EXPECT_THAT(check_system(config_), Contains(with(Verdict::Warning, "fewer than")));
}

TEST(Findings, are_told_in_lines_and_in_json) {
  const Findings findings{{Verdict::Fine, "a", "good", ""}, {Verdict::Problem, "b", "bad", "do"}};
  EXPECT_EQ(as_text(findings),
            "  ok      a: good\n  PROBLEM b: bad\n          -> do\n1 problems, 0 warnings\n");
  EXPECT_EQ(as_json(findings),
            R"({"ok":false,"findings":[{"verdict":"fine","subject":"a","what":"good","advice":""},)"
            R"({"verdict":"problem","subject":"b","what":"bad","advice":"do"}]})"
            "\n");
  EXPECT_FALSE(has_problems(Findings{findings.front()}));
}

}  // namespace
}  // namespace vis::app::doctor
