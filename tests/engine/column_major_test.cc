// A row-major GEMM in a column-major library's words: CBLAS gets the arguments that cuBLASLt gets.
#include "engine/cuda/column_major.h"

#include <cblas.h>
#include <doctest/doctest.h>

#include <vector>

#include "engine/rng.h"

namespace rc {
namespace {

// Small integers: sums are exact in any order, so the tolerance is 0. `spare` more than is read.
std::vector<float> integers(int64_t n, uint32_t stream, int64_t spare = 0) {
  Rng rng(11, Purpose::test, stream);
  std::vector<float> v(size_t(n + spare));
  for (float& x : v) x = float(rng.below(9)) - 4;
  return v;
}

void multiply(const ColumnMajorGemm& g, const float* a, const float* b, float* out) {
  const auto op = [](const ColumnMajorGemm::Matrix& m) { return m.transposed ? CblasTrans : CblasNoTrans; };
  cblas_sgemm(CblasColMajor, op(g.first), op(g.second), int(g.m), int(g.n), int(g.k), 1.0f, b,
              int(g.first.leading), a, int(g.second.leading), g.beta, out, int(g.out.leading));
}

struct Case {
  GemmDesc desc;
  std::vector<float> a, b, expected;
};

Case a_case(GemmDesc d) {
  constexpr int64_t kSpare = 4096;  // a planted leading dimension reads further
  Case c{d, integers(d.m * d.k, 1, kSpare), integers(d.k * d.n, 2, kSpare), {}};
  for (int64_t i = 0; i < d.m; ++i)
    for (int64_t j = 0; j < d.n; ++j) {
      double sum = d.accumulate ? 5 : 0;
      for (int64_t l = 0; l < d.k; ++l)
        sum += double(c.a[size_t(d.transpose_a ? l * d.m + i : i * d.k + l)]) *
               double(c.b[size_t(d.transpose_b ? j * d.k + l : l * d.n + j)]);
      c.expected.push_back(float(sum));
    }
  return c;
}

bool right(const Case& c, const ColumnMajorGemm& gemm) {
  std::vector<float> out(c.expected.size() + 4096, 5.0f);
  multiply(gemm, c.a.data(), c.b.data(), out.data());
  out.resize(c.expected.size());
  return out == c.expected;
}

template <class Do>
void for_each_form(const Do& something) {
  for (const auto [m, n, k] :
       {std::array<int64_t, 3>{5, 7, 11}, {1, 2, 3}, {3, 1, 2}, {64, 128, 32}, {17, 16, 1}})
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        for (const bool accumulate : {false, true})
          something(GemmDesc{
              .m = m, .n = n, .k = k, .transpose_a = ta, .transpose_b = tb, .accumulate = accumulate});
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("column-major arguments give the row-major product, in every form") {
    for_each_form([](const GemmDesc& d) {
      CAPTURE(d.text());
      CAPTURE(d.accumulate);
      CHECK(right(a_case(d), column_major(d)));
    });
  }

  TEST_CASE("what is stored is described as it is stored") {
    for_each_form([](const GemmDesc& d) {
      const ColumnMajorGemm g = column_major(d);
      // op(first) is m x k, op(second) k x n, out m x n: what cuBLASLt demands of its layouts.
      CHECK((g.first.transposed ? g.first.columns : g.first.rows) == g.m);
      CHECK((g.first.transposed ? g.first.rows : g.first.columns) == g.k);
      CHECK((g.second.transposed ? g.second.columns : g.second.rows) == g.k);
      CHECK((g.second.transposed ? g.second.rows : g.second.columns) == g.n);
      CHECK(g.out.rows == g.m);
      CHECK(g.out.columns == g.n);
      for (const auto& matrix : {g.first, g.second, g.out}) CHECK(matrix.leading == matrix.rows);
    });
  }

  TEST_CASE("a planted wrong leading dimension, transpose or order is seen") {
    const Case c = a_case({.m = 5, .n = 7, .k = 11});
    const ColumnMajorGemm good = column_major(c.desc);
    REQUIRE(right(c, good));
    ColumnMajorGemm bad = good;
    ++bad.first.leading;
    CHECK_FALSE(right(c, bad));
    bad = good, ++bad.second.leading;
    CHECK_FALSE(right(c, bad));
    bad = good, ++bad.out.leading;
    CHECK_FALSE(right(c, bad));
    bad = good, bad.first.transposed = true, bad.first.leading = 11;
    CHECK_FALSE(right(c, bad));
    bad = good, bad.beta = 1;
    CHECK_FALSE(right(c, bad));
    const Case square = a_case({.m = 8, .n = 8, .k = 8});
    bad = column_major(square.desc);
    REQUIRE(right(square, bad));
    Case swapped = square;
    std::swap(swapped.a, swapped.b);
    CHECK_FALSE(right(swapped, bad));
  }
}

}  // namespace rc
