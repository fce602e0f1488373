#include "http/static_files.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "http/asset.hpp"
#include "unit/http/certificate.hpp"
#include "unit/http/loopback.hpp"

namespace vis::http {
namespace {

namespace fs = std::filesystem;

std::string unbrotli(const std::string& compressed) {
  std::string plain(1'000'000, '\0');
  std::size_t size = plain.size();
  BrotliDecoderDecompress(compressed.size(),
                          reinterpret_cast<const std::uint8_t*>(compressed.data()), &size,
                          reinterpret_cast<std::uint8_t*>(plain.data()));
  plain.resize(size);
  return plain;
}

std::string gunzip(const std::string& compressed) {
  std::string plain(1'000'000, '\0');
  z_stream zlib = {};
  inflateInit2(&zlib, 15 + 16);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  zlib.avail_in = static_cast<uInt>(compressed.size());
  zlib.next_out = reinterpret_cast<Bytef*>(plain.data());
  zlib.avail_out = static_cast<uInt>(plain.size());
  inflate(&zlib, Z_FINISH);
  plain.resize(zlib.total_out);
  inflateEnd(&zlib);
  return plain;
}

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    pages.write("index.html", "<h1>start</h1>");
    pages.write("meet.html", "<h1>meet</h1>");
    pages.write("assets/app-1a2b3c4d.js", script);
    pages.write("assets/logo.png", "\x89PNG");
    pages.write("assets/ready-5e6f.js", script);
    pages.write("assets/ready-5e6f.js.br", "brotli made elsewhere");
    pages.write("assets/ready-5e6f.js.gz", "gzip made elsewhere");
    pages.write(".git/config", "secret");
    outside.write("secret.txt", "secret");
    fs::create_symlink(outside.path() / "secret.txt", pages.path() / "link.txt");
    fs::create_directory_symlink(outside.path(), pages.path() / "linked");
    files = StaticFiles::open(pages.path()).value();
    Router router;
    files->mount(router, {.prefix = "/", .page = "index.html"});
    files->mount(router, {.prefix = "/meet",
                          .directory = "meet",
                          .page = "meet.html",
                          .page_answers_all = true,
                          .policy = {.frame_ancestors = "https://host.example"}});
    server.emplace(loop, std::move(router));
    client.emplace(loop, server->address());
  }

  ReceivedResponse fetch(std::string_view path, std::string_view fields = {}) {
    client->send(get(path, fields));
    return client->read_response().value_or(ReceivedResponse{});
  }

  const std::string script = [] {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "console.log(" + std::to_string(i) + ");\n";
    return text;
  }();
  TemporaryDirectory pages;
  TemporaryDirectory outside;
  Loop loop;
  std::unique_ptr<StaticFiles> files;
  std::optional<TestServer> server;
  std::optional<RawClient> client;
};

TEST_F(StaticFilesTest, sends_a_file_with_its_type) {
  const auto script_response = fetch("/assets/app-1a2b3c4d.js");
  EXPECT_EQ(script_response.status, 200U);
  EXPECT_EQ(script_response.body, script);
  EXPECT_EQ(script_response.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(fetch("/assets/logo.png").headers.get("Content-Type"), "image/png");
  EXPECT_EQ(fetch("/").body, "<h1>start</h1>");
  EXPECT_EQ(fetch("/index.html").body, "<h1>start</h1>");
}

TEST_F(StaticFilesTest, compresses_as_the_client_accepts) {
  const auto brotli = fetch("/assets/app-1a2b3c4d.js", "Accept-Encoding: gzip, deflate, br\r\n");
  EXPECT_EQ(brotli.headers.get("Content-Encoding"), "br");
  EXPECT_EQ(unbrotli(brotli.body), script);
  const auto gzip = fetch("/assets/app-1a2b3c4d.js", "Accept-Encoding: gzip, br;q=0\r\n");
  EXPECT_EQ(gzip.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzip(gzip.body), script);
  EXPECT_EQ(gzip.headers.get("Vary"), "Accept-Encoding");
  EXPECT_LT(brotli.body.size(), script.size() / 3);
  EXPECT_NE(brotli.headers.get("ETag"), gzip.headers.get("ETag"));
  EXPECT_FALSE(fetch("/", "Accept-Encoding: br\r\n").headers.has("Content-Encoding"));
}

TEST_F(StaticFilesTest, takes_compressed_files_that_lie_beside) {
  EXPECT_EQ(fetch("/assets/ready-5e6f.js", "Accept-Encoding: br\r\n").body,
            "brotli made elsewhere");
  EXPECT_EQ(fetch("/assets/ready-5e6f.js", "Accept-Encoding: gzip\r\n").body,
            "gzip made elsewhere");
  EXPECT_EQ(fetch("/assets/ready-5e6f.js.br").status, 404U);
}

TEST_F(StaticFilesTest, answers_304_to_who_has_it) {
  const std::string etag(fetch("/assets/app-1a2b3c4d.js").headers.get("ETag"));
  EXPECT_TRUE(etag.starts_with('"') && etag.ends_with('"')) << etag;
  for (const std::string& tags : {etag, "\"x\", W/" + etag, std::string("*")}) {
    const auto response = fetch("/assets/app-1a2b3c4d.js", "If-None-Match: " + tags + "\r\n");
    EXPECT_EQ(response.status, 304U) << tags;
    EXPECT_EQ(response.headers.get("ETag"), etag);
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(fetch("/assets/app-1a2b3c4d.js", "If-None-Match: \"x\"\r\n").status, 200U);
  EXPECT_EQ(
      fetch("/assets/app-1a2b3c4d.js", "Accept-Encoding: br\r\nIf-None-Match: " + etag + "\r\n")
          .status,
      200U);
}

TEST_F(StaticFilesTest, answers_head) {
  client->send("HEAD /assets/app-1a2b3c4d.js HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client->read_response(true);
  EXPECT_EQ(head->headers.get("Content-Length"), std::to_string(script.size()));
  EXPECT_EQ(fetch("/").status, 200U);
}

TEST_F(StaticFilesTest, lets_hashed_files_be_kept_and_pages_be_asked_for) {
  EXPECT_EQ(fetch("/assets/app-1a2b3c4d.js").headers.get("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(fetch("/").headers.get("Cache-Control"), "no-cache");
}

TEST_F(StaticFilesTest, answers_paths_of_an_application_with_its_page) {
  EXPECT_EQ(fetch("/meet").body, "<h1>meet</h1>");
  EXPECT_EQ(fetch("/meet/").body, "<h1>meet</h1>");
  EXPECT_EQ(fetch("/meet/room/42").body, "<h1>meet</h1>");
  EXPECT_EQ(fetch("/meet/missing.js").status, 404U);
  EXPECT_EQ(fetch("/missing").status, 404U);
}

TEST_F(StaticFilesTest, has_a_strict_policy) {
  const auto response = fetch("/");
  const std::string_view policy = response.headers.get("Content-Security-Policy");
  EXPECT_TRUE(policy.contains("default-src 'self'; script-src 'self'; "));
  EXPECT_TRUE(policy.contains("connect-src 'self' ws: wss:;"));
  EXPECT_TRUE(policy.contains("object-src 'none'; base-uri 'none';"));
  EXPECT_TRUE(policy.ends_with("frame-ancestors 'none'"));
  EXPECT_TRUE(response.headers.get("Permissions-Policy").contains("camera=(self)"));
  EXPECT_TRUE(response.headers.has("Referrer-Policy"));
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(fetch("/meet")
                  .headers.get("Content-Security-Policy")
                  .ends_with("frame-ancestors https://host.example"));
}

TEST_F(StaticFilesTest, lets_nobody_out_of_its_directory) {
  for (const char* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt",
                           "/link.txt", "/linked/secret.txt", "/.git/config", "/assets", "/assets/",
                           "/assets\\..\\index.html", "/%2Fetc/passwd", "/meet/..%2findex.html"}) {
    RawClient attacker(loop, server->address());
    attacker.send(get(path));
    const auto response = attacker.read_response();
    ASSERT_TRUE(response) << path;
    EXPECT_TRUE(response->status == 404 || response->status == 400) << path;
  }
}

TEST(StaticFilesOpen, tells_why_it_cannot) {
  const auto opened = StaticFiles::open("/nonexistent/pages");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::NotFound);
  EXPECT_TRUE(opened.error().message.contains("/nonexistent/pages"));
}

TEST(StaticFilesOpen, takes_as_many_and_as_large_files_as_the_limits_and_not_more) {
  TemporaryDirectory directory;
  for (const char* file : {"a", "b/c", "b/d"}) directory.write(file, "12345");
  const auto code = [&](const ListingLimits& most) {
    const auto files = list_files(directory.path(), most);
    return files ? std::to_string(files->size()) : std::string(to_string(files.error().code));
  };
  EXPECT_EQ(code({.files = 3, .file_bytes = 5}), "3");
  EXPECT_EQ(code({.files = 2, .file_bytes = 5}), "limit_exceeded");
  EXPECT_EQ(code({.files = 3, .file_bytes = 4}), "limit_exceeded");
}

}  // namespace
}  // namespace vis::http
