"""Which Chromium the browser tests drive, and how it is started: quietly, and without a word to the network."""

import os
import shutil
from collections.abc import Mapping

VARIABLE = "SHORTSTAVE_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# In every new window Chromium loads the pages that would drop down from its address bar, which nobody sees here: that
# took more of a processor than most tests do.
DROPPING_DOWN = ("WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup")
# What Playwright switches off itself, in a switch that ours replaces: test_browser compares.
BY_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying",
    "AimEnabled", "PreconnectToSearch", "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion",
)  # fmt: skip
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join((*BY_PLAYWRIGHT, *DROPPING_DOWN))}",
)
LACKING = (
    "No Chromium for the browser tests. Debian: apt install chromium; macOS: brew install --cask chromium; "
    f"or name one in {VARIABLE}."
)


def executable(environment: Mapping[str, str] = os.environ) -> str | None:
    """The path of the Chromium to use: the one that was named, else the first that is found; None without any."""
    if named := environment.get(VARIABLE):
        return named
    found = [path for name in NAMES if (path := shutil.which(name, path=environment.get("PATH")))]
    return next(iter([*found, *filter(os.path.exists, APPLICATIONS)]), None)
