// Runes everywhere; styles leave the components as files, since the content security policy allows no inline ones.
export default { compilerOptions: { runes: true, css: "external" } };
