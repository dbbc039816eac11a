#!/usr/bin/env bash
# scripts/pack.sh: packs wireguard/ and linux/ into artifacts/packages, looks into the packages, and builds the guide's first
# program against them as a stranger would.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh
require_dotnet

packages=$PWD/artifacts/packages
stranger=$(mktemp -d)
trap 'rm -rf "$stranger"' EXIT
rm -rf "$packages"

# expect FILE TEXT: a line of the package's description.
expect() {
  grep -qF -- "$2" "$1" || fail "$1 does not say: $2"
}

for project in wireguard/Elysium.WireGuard linux/Elysium.Linux; do
  name=${project#*/}
  dotnet pack "$project.csproj" -c Release -o "$packages" -nologo -v quiet
  version=$(basename "$packages/$name".[0-9]*.snupkg .snupkg)
  version=${version#"$name".}
  [ -s "$packages/$name.$version.nupkg" ] || fail "there is no $packages/$name.$version.nupkg"
  described=artifacts/obj/$name/Release/$name.$version.nuspec
  expect "$described" "<license type=\"expression\">MIT</license>"
  expect "$described" "<readme>README.md</readme>"
  expect "$described" "<authors>The Elysium Authors</authors>"
  expect "$described" "<tags>"
  expect "$described" "<group targetFramework=\"net10.0\">"
  ! grep -qiE '<(projectUrl|repository)[^>]*https?://' "$described" || fail "$described names a host"
done

expect "artifacts/obj/Elysium.Linux/Release/Elysium.Linux.$version.nuspec" "<dependency id=\"Elysium.WireGuard\" version=\"$version\""
# Exactly these: what the central pins add is named too, so a version that slips in shows here.
bouncy=$(sed -n 's/.*Include="BouncyCastle.Cryptography" Version="\([^"]*\)".*/\1/p' Directory.Packages.props)
for name in Elysium.WireGuard Elysium.Linux; do
  described=artifacts/obj/$name/Release/$name.$version.nuspec
  expect "$described" "<dependency id=\"BouncyCastle.Cryptography\" version=\"$bouncy\""
  ! grep '<dependency ' "$described" | grep -qv -e '"Elysium.WireGuard"' -e '"BouncyCastle.Cryptography"' || fail "$described depends on more than it should"
done

# The stranger has nothing of this repository but the packages: no central versions, no analysers, no lock file. What the packages
# need is here already; ours come from the folder and are kept out of the machine's own cache, where an old one would win.
cp tests/Elysium.Example.Devices/Program.cs "$stranger/"
cat >"$stranger/Stranger.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <RestorePackagesPath>$stranger/packages</RestorePackagesPath>
    <RestoreFallbackFolders>${NUGET_PACKAGES:-$HOME/.nuget/packages}</RestoreFallbackFolders>
    <RestoreSources>$packages</RestoreSources>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Elysium.Linux" Version="$version" />
  </ItemGroup>
</Project>
PROJECT
CI='' dotnet build "$stranger/Stranger.csproj" -nologo -v quiet || fail "a program cannot be built against the packages"
echo "Packed $version into artifacts/packages, and the guide's program builds against it."
