# Records arima.json: what R's forecast makes of generated series. Debian: r-cran-forecast, r-cran-jsonlite.
# Rscript record-arima.R > arima.json, in this folder
suppressPackageStartupMessages({ library(forecast); library(jsonlite) })
series <- fromJSON("../../../statistics/testing/series.json", simplifyDataFrame = FALSE)

record <- function(at, order, seasonal, mean, regressors = FALSE) {
  one <- series[[at]]
  rows <- length(one$values)
  known <- function(from, to) cbind(weekly = (from:to) %% 7, square = ((from:to) / 10)^2)
  xreg <- if (regressors) known(1, rows)
  future <- if (regressors) known(rows + 1, rows + 10)
  fit <- Arima(ts(one$values, frequency = one$season), order = order, seasonal = seasonal, xreg = xreg,
    include.mean = mean, include.drift = mean && order[2] + seasonal[2] == 1, method = "ML")
  ahead <- forecast(fit, h = 10, xreg = future, level = 100 * (2 * pnorm(1) - 1))
  others <- fit$coef[!grepl("^s?(ar|ma)[0-9]", names(fit$coef))]
  list(series = at - 1, order = order, seasonal = seasonal, ar = I(fit$model$phi), ma = I(fit$model$theta),
    others = as.list(others), loglik = fit$loglik, sigma2 = fit$sigma2, aicc = fit$aicc,
    mean = as.numeric(ahead$mean), deviation = as.numeric(ahead$upper - ahead$mean))
}

models <- list(
  record(1, c(1, 0, 1), c(1, 0, 1), TRUE), record(1, c(0, 1, 1), c(0, 1, 1), FALSE),
  record(8, c(2, 1, 1), c(0, 1, 1), FALSE), record(9, c(1, 0, 0), c(0, 1, 2), TRUE),
  record(16, c(1, 1, 1), c(0, 0, 0), TRUE), record(14, c(2, 0, 0), c(0, 0, 0), TRUE),
  record(8, c(1, 0, 1), c(1, 0, 0), TRUE, TRUE)
)
searches <- lapply(seq_along(series), function(at) {
  one <- series[[at]]
  fit <- auto.arima(ts(one$values, frequency = one$season), max.d = 1, approximation = FALSE)
  list(order = unname(arimaorder(fit)), aicc = fit$aicc)
})
version <- paste("forecast", packageVersion("forecast"), "of R", getRversion())
cat(toJSON(list(version = version, models = models, searches = searches), auto_unbox = TRUE, digits = 15), "\n")
