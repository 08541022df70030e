const page = 200;
const summary = document.getElementById("summary");

async function* customers() {
  for (let offset = 0; ; offset += page) {
    const { items, total } = await risingBsm.call("customers.list", { limit: page, offset });
    yield* items;
    if (offset + page >= total) return;
  }
}

const counts = new Map();
try {
  for await (const { city } of customers()) if (city) counts.set(city, (counts.get(city) ?? 0) + 1);
  draw([...counts].sort(([, one], [, other]) => other - one).slice(0, 30));
} catch (error) {
  summary.textContent = error.message;
}

function draw(cities) {
  summary.textContent = cities.length ? `${counts.size} cities` : "No customer has a city yet.";
  const most = cities[0]?.[1] ?? 1;
  for (const [city, count] of cities) {
    const bubble = document.createElement("button");
    const size = 56 + 104 * Math.sqrt(count / most);
    bubble.style.width = bubble.style.height = `${size}px`;
    bubble.textContent = `${city} ${count}`;
    bubble.addEventListener("click", () => risingBsm.say(`${city}: ${count}`));
    const item = document.createElement("div");
    item.setAttribute("role", "listitem");
    item.append(bubble);
    document.getElementById("bubbles").append(item);
  }
}
