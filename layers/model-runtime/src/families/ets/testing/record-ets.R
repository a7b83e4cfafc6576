# Records ets.json: what R's forecast makes of generated series. Debian: r-cran-forecast, r-cran-jsonlite.
# Rscript record-ets.R > ets.json, in this folder
suppressPackageStartupMessages({ library(forecast); library(jsonlite) })
series <- fromJSON("../../../statistics/testing/series.json", simplifyDataFrame = FALSE)

record <- function(at, error, trend, season) {
  one <- series[[at]]
  damped <- trend == "Ad"
  model <- paste0(error, substr(trend, 1, 1), season)
  values <- ts(one$values, frequency = one$season)
  fit <- ets(values, model = model, damped = damped)
  # A level of one standard normal deviation gives the variance back.
  ahead <- forecast(fit, h = 18, level = 100 * (2 * pnorm(1) - 1))
  list(
    series = at - 1, form = list(error = error, trend = trend, season = season),
    parameters = as.list(fit$par[names(fit$par) %in% c("alpha", "beta", "gamma", "phi")]),
    initial = unname(fit$initstate), last = unname(tail(fit$states, 1)[1, ]),
    loglik = fit$loglik, aicc = fit$aicc, sigma2 = fit$sigma2,
    mean = as.numeric(ahead$mean), deviation = as.numeric(ahead$upper - ahead$mean)
  )
}

forms <- list()
for (error in c("A", "M")) for (trend in c("N", "A", "Ad")) for (season in c("N", "A", "M")) {
  if (error == "A" && season == "M") next
  forms[[length(forms) + 1]] <- record(8, error, trend, season)
}
searches <- lapply(series, function(one) {
  fit <- ets(ts(one$values, frequency = one$season))
  list(method = fit$method, aicc = fit$aicc)
})
version <- paste("forecast", packageVersion("forecast"), "of R", getRversion())
cat(toJSON(list(version = version, forms = forms, searches = searches), auto_unbox = TRUE, digits = 15), "\n")
